/** The model card of a run, fetched when it is first looked at. */

import { ask } from "./asking.js";
import { el, fill } from "./elements.js";
import { markdown } from "./markdown.js";
import { trouble } from "./trouble.js";

export function cardPlace(task) {
  const place = el("div", { class: "card" });
  load(task, place);
  return place;
}

async function load(task, place) {
  fill(place, el("p", { class: "soft" }, "Loading…"));
  try {
    const response = await ask(task.links.card);
    fill(place, markdown(await response.text()));
  } catch (problem) {
    fill(place, trouble(problem, () => load(task, place)));
  }
}
