/** The view of one task: what it is, how good it is, and three ways in: one row, many rows, its model card. */

import { answerPlace } from "./answer.js";
import { cardPlace } from "./card.js";
import { el } from "./elements.js";
import { form } from "./form.js";
import { isSeries } from "./parts.js";
import { program } from "./program.js";
import { rowsPlace } from "./rows.js";
import { score } from "./score.js";
import { tabs } from "./tabs.js";

/** @param {Object} task @param {string} chosen the tab to begin with. @param {(key: string) => void} shown */
export function taskView(task, chosen, shown) {
  const series = isSeries(task);
  const ways = [
    !series && { key: "one", name: "One at a time", panel: () => onePlace(task) },
    !task.images && { key: "rows", name: "A whole table", panel: () => rowsPlace(task) },
    { key: "card", name: "Model card", panel: () => cardPlace(task) },
  ].filter(Boolean);
  return [
    el("header", { class: "task" },
      el("p", { class: "eyebrow" }, task.task, el("span", {}, ` · ${task.run}`)),
      el("h1", { tabindex: "-1" }, task.title || task.task),
      el("p", { class: "lead" }, task.summary)),
    el("section", { class: "good", "aria-label": "How good it is" },
      score(task.primary), task.verdict && el("p", { class: "verdict" }, task.verdict)),
    tabs("Ways to use it", ways, chosen, shown),
  ];
}

function onePlace(task) {
  const answer = answerPlace(task);
  return el("div", { class: "one" }, form(task, answer), answer.element, program(task));
}
