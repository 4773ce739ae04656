/** The tasks served here, each with its verdict and its score. */

import { el } from "./elements.js";
import { score } from "./score.js";

/** @param {Object[]} tasks @param {(task: Object) => string} address where a task's own view is. */
export function list(tasks, address) {
  if (!tasks.length) {
    return [el("h1", { tabindex: "-1" }, "Nothing is served yet"),
      el("p", { class: "lead" },
        "Start with ", el("code", {}, "vertikit serve RUN"), ", where RUN is the folder of a finished run.")];
  }
  return [
    el("h1", { tabindex: "-1" }, "Ask a model"),
    el("p", { class: "lead" }, "Each was adapted to its trade and judged on data that it has never seen."),
    el("ul", { class: "tasks" }, tasks.map((task) => el(
      "li", {},
      el("div", { class: "what" },
        el("p", { class: "eyebrow" }, task.task, several(tasks, task) && el("span", {}, ` · ${task.run}`)),
        el("h2", {}, el("a", { href: address(task) }, task.title || task.task)),
        el("p", { class: "summary" }, task.summary),
        el("p", { class: "verdict" }, task.verdict)),
      score(task.primary)))),
  ];
}

/** Whether another run serves the same task, so that its name has to tell them apart. */
function several(tasks, task) {
  return tasks.filter((each) => each.task === task.task).length > 1;
}
