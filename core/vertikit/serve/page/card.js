/** The model card of a run, fetched when it is first looked at. */

import { ask } from "./asking.js";
import { el, fill } from "./elements.js";
import { markdown } from "./markdown.js";
import { sentence } from "./wording.js";

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
    fill(place, el("p", { class: "trouble", role: "alert" },
      el("b", {}, sentence(problem.what ?? "The card cannot be shown")), " ", problem.todo ? sentence(problem.todo) : "", " ",
      el("button", { type: "button", class: "plain small", on: { click: () => load(task, place) } }, "Try again")));
  }
}
