/** The answer to one row: the decision in words, its reason, the probabilities or the interval, and why. */

import { probabilityBars } from "./bars.js";
import { el, fill } from "./elements.js";
import { interval } from "./interval.js";
import { called, decided, further, probabilities, quantity } from "./reading.js";
import { why } from "./why.js";
import { capital, figure, sentence, words } from "./wording.js";

/** The place of the answer, and what it shows. @param {Object} task */
export function answerPlace(task) {
  const body = el("div", { class: "body" });
  const stale = el("p", { class: "stale", hidden: true }, "You have changed the row since.");
  const live = el("p", { class: "unseen", role: "status" });
  const element = el("section", { class: "answer empty", "aria-label": "Answer", tabindex: "-1" }, live, stale, body);
  let shown = false;

  function nothing() {
    shown = false;
    element.classList.add("empty");
    element.removeAttribute("aria-busy");
    stale.hidden = true;
    live.textContent = "";
    fill(body, el("p", { class: "soft" }, "The answer will stand here."));
  }
  nothing();

  return {
    element,
    asked: () => element.setAttribute("aria-busy", "true"),
    changed: () => { if (shown) stale.hidden = false; },
    answered(response, row) {
      element.removeAttribute("aria-busy");
      if (!response) return nothing();
      const { answer, notes } = response;
      shown = true;
      stale.hidden = true;
      element.classList.remove("empty");
      fill(body, told(task, answer), noted(notes), task.explains && why(task, row, live));
      live.textContent = spoken(task, answer);
      if (element.getBoundingClientRect().top > window.innerHeight * 0.8) {
        element.scrollIntoView({ behavior: calm() ? "auto" : "smooth", block: "start" });
      }
      return undefined;
    },
  };
}

function told(task, answer) {
  const { first, then, abstains } = decided(task, answer);
  const number = quantity(task, answer);
  const found = probabilities(task, answer);
  const value = number ? figure(number.value) : called(task, answer[task.target] ?? "");
  const besides = value && value.toLowerCase() !== first.toLowerCase() && figure(Number(first)) !== value;
  return [
    el("p", { class: "eyebrow" }, "Decision"),
    el("h2", { class: "decision" }, abstains ? "No answer: it abstains" : capital(called(task, first))),
    then.length > 0 && el("p", { class: "then" }, `then ${listed(then)}`),
    besides && el("p", { class: "then" },
      `${task.kind === "classes" ? "Likeliest" : capital(words(task.target))}: `, el("b", {}, value)),
    answer.reason && el("p", { class: "reason" }, sentence(answer.reason)),
    number && interval(number, task.scale),
    found.length > 0 && el("div", { class: "probabilities" },
      el("h3", {}, task.kind === "findings" ? "Probability of each" : `Probability, ${words(task.target)}`),
      probabilityBars(found.map(({ label, p }) => ({ label: called(task, label), p })))),
    remarks(task, answer),
    task.decision_owner && el("p", { class: "owner soft" }, sentence(task.decision_owner)),
  ];
}

function remarks(task, answer) {
  const found = further(task, answer);
  if (!found.length) return null;
  return el("dl", { class: "remarks" }, found.map(([key, value]) => el("div", {},
    el("dt", {}, capital(words(key.startsWith(`${task.target}.`) ? key.slice(task.target.length + 1) : key))),
    el("dd", {}, typeof value === "number" ? figure(value) : String(value)))));
}

/** What the server did with cells that it could not use: [{field, what}]. */
export function noted(notes) {
  if (!Array.isArray(notes) || !notes.length) return null;
  return el("ul", { class: "notes" }, notes.map(({ field, what }) => el(
    "li", {}, sentence(`${words(String(field).replace(/^row\./, ""))} ${what}`))));
}

/** What a screen reader says when the answer comes. */
function spoken(task, answer) {
  const { first, abstains } = decided(task, answer);
  return `Answer: ${abstains ? "it abstains" : first}. ${answer.reason ? sentence(answer.reason) : ""}`;
}

function listed(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function calm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
