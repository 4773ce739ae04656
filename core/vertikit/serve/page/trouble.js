/** What went wrong and what to do, with a way to try again where that may help. */

import { button, el } from "./elements.js";
import { sentence } from "./wording.js";

/**
 * @param {Partial<import("./problem.js").Problem>} problem
 * @param {(() => void) | null} again what to do once more; null where it is no use.
 * @param more nodes that stand below.
 */
export function trouble(problem, again, ...more) {
  const { what = "It did not work", todo = "", request = "" } = problem;
  return el(
    "div", { class: "trouble", role: "alert" },
    el("p", {}, el("b", {}, sentence(what)), " ", todo && sentence(todo)),
    request && el("p", { class: "soft" }, "Request ", el("code", {}, request)),
    more,
    again && button("Try again", again, "plain small"),
  );
}

/** Whether the same request may be answered another time. */
export function mayPass({ status = 0 }) {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}
