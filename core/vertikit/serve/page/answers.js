/** Answers to many rows as a table, and as a CSV file. */

import { written } from "./delimited.js";
import { button, el } from "./elements.js";
import { called, decided, probabilities, quantity } from "./reading.js";
import { capital, figure, percent, several, words } from "./wording.js";

const SHOWN = 200;

/** @param {Object} task @param {import("./pasted.js").Pasted} table @param {Object[]} answers */
export function answersTable(task, table, answers) {
  const failed = answers.filter(({ error }) => error).length;
  return el("figure", { class: "answers" },
    el("div", { class: "above" },
      el("h2", {}, several(answers.length - failed, "answer"),
        failed > 0 && `, and ${several(failed, "row")} without one`),
      button("Download as CSV", () => download(task, table, answers))),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Answers" },
      el("table", {},
        el("thead", {}, el("tr", {}, heads(task, answers).map((name) => el(
          "th", { scope: "col", class: name === "Probability" || name === "90 % interval" ? "number" : null }, name)))),
        el("tbody", {}, answers.slice(0, SHOWN).map((answer) => line(task, answer, answer.rows ?? answer.row))))),
    el("figcaption", { class: "soft" },
      answers.length > SHOWN && `The first ${SHOWN} are shown; the file has all. `,
      "The file has every column of yours and of the answers."));
}

function heads(task, answers) {
  const sure = answers.some((answer) => probabilities(task, answer).length) ? "Probability"
    : answers.some((answer) => Number.isFinite(quantity(task, answer)?.low)) ? "90 % interval" : null;
  return ["Row", "Decision", capital(words(task.target)), sure, "Reason"].filter(Boolean);
}

function line(task, answer, number) {
  if (answer.error) {
    return el("tr", { class: "failed" }, el("th", { scope: "row" }, String(number)),
      el("td", { colspan: "4" }, capital(answer.error)));
  }
  const value = answer[task.target];
  return el("tr", {},
    el("th", { scope: "row" }, String(number)),
    el("td", { class: "decided" }, capital(called(task, decided(task, answer).first || "–"))),
    el("td", {}, typeof value === "number" ? figure(value) : called(task, value ?? "–")),
    sure(task, answer),
    el("td", { class: "long" }, String(answer.reason ?? "")));
}

function sure(task, answer) {
  const found = probabilities(task, answer);
  if (found.length) {
    const own = found.find(({ label }) => label === answer[task.target]) ?? found[0];
    return el("td", { class: "number" }, percent(own.p));
  }
  const number = quantity(task, answer);
  return number && Number.isFinite(number.low)
    ? el("td", { class: "number" }, `${figure(number.low)} to ${figure(number.high)}`) : null;
}

function download(task, table, answers) {
  const keys = new Set(answers.flatMap((answer) => Object.keys(answer)));
  const own = [...keys].filter((key) => key !== "row" || !table.header.includes("row"));
  const whole = answers.length <= table.rows.length && answers.every((answer) => !("rows" in answer));
  const header = [...(whole ? table.header : []), ...own];
  const lines = answers.map((answer, at) => [
    ...(whole ? table.header.map((_, column) => table.rows[at][column] ?? "") : []),
    ...own.map((key) => answer[key]),
  ]);
  const file = new Blob(["\uFEFF", written([header, ...lines])], { type: "text/csv;charset=utf-8" });
  const address = URL.createObjectURL(file);
  el("a", { href: address, download: `${task.run}-answers.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
