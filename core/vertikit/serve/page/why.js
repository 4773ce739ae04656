/** Why a row got its answer: asked for by a button, shown as highlighted words, bars of cells, or a heat map. */

import { askJson } from "./asking.js";
import { weightBars } from "./bars.js";
import { button, el, fill } from "./elements.js";
import { heatmap } from "./heatmap.js";
import { highlighted, isPassage } from "./highlight.js";
import { body } from "./sending.js";
import { trouble } from "./trouble.js";
import { capital, several, words } from "./wording.js";

const CELLS = 12;
const SLIGHT = 0.04;
const TIMEOUT = 120_000;

/** @param {Map<string, any>} row as it was sent. @param {Element} live says to a screen reader what came. */
export function why(task, row, live) {
  const ask = button("Why this answer?", explain);
  const place = el("div", { class: "why" }, ask);

  async function explain() {
    if (ask.getAttribute("aria-busy") === "true") return;
    ask.setAttribute("aria-busy", "true");
    ask.textContent = "Looking into it…";
    try {
      const found = await askJson(task.links.explain, { ...body(row), timeout: TIMEOUT });
      const section = el("div", { tabindex: "-1" }, el("h3", {}, heading(found)), shown(row, found));
      fill(place, section);
      section.focus({ preventScroll: true });
      live.textContent = "The explanation has come.";
    } catch (problem) {
      ask.removeAttribute("aria-busy");
      ask.textContent = "Why this answer?";
      fill(place, ask, trouble(problem, null));
    }
  }

  return place;
}

function heading({ of, parts }) {
  const what = typeof of === "string" && of ? el("b", {}, of) : "the answer";
  if (parts?.length) return ["What spoke for ", what, ", and what against"];
  return of ? ["Where it saw ", what] : "Where it looked";
}

function shown(row, found) {
  const parts = Array.isArray(found.parts) ? found.parts.filter(({ weight }) => Number.isFinite(weight)) : [];
  const most = Math.max(...parts.map(({ weight }) => Math.abs(weight)), 1e-12);
  const texts = [...new Set(parts.filter(isPassage).map(({ column }) => column))];
  const cells = parts.filter((part) => !isPassage(part));
  const picture = [...row.values()].find((value) => value instanceof Blob);
  const blocks = [
    ...texts.map((column) => highlighted(
      column, String(row.get(column) ?? ""), parts.filter((part) => isPassage(part) && part.column === column), most,
      texts.length > 1)),
    cells.length > 0 && cellBars(cells, texts.length > 0 ? SLIGHT * most : 0),
    found.heatmap && heatmap(picture, found.heatmap),
  ].filter(Boolean);
  if (!blocks.length) return el("p", { class: "soft" }, "Nothing in this row stood out.");
  return [blocks, (texts.length > 0 || cells.length > 0) && legend(texts.length > 0, cells.length > 0)];
}

/** Those that weighed at least `least`; the others are counted. */
function cellBars(cells, least) {
  const sorted = [...cells].sort((one, other) => Math.abs(other.weight) - Math.abs(one.weight));
  const line = ({ column, value, weight }) => ({ label: capital(words(column)), value: cell(value), weight });
  const first = sorted.filter(({ weight }) => Math.abs(weight) >= least).slice(0, CELLS);
  const rest = sorted.length - first.length;
  return [
    first.length > 0 && weightBars(first.map(line)),
    rest > 0 && el("p", { class: "soft" }, first.length
      ? `${several(rest, "further column")} weighed less.` : `${several(rest, "column")} weighed next to nothing.`),
  ];
}

function cell(value) {
  if (value === null || value === undefined || value === "nan") return "";
  return typeof value === "number" ? String(Number(value.toPrecision(7))) : String(value);
}

function legend(texts, cells) {
  return el("p", { class: "legend soft" },
    texts && [el("mark", { class: "for" }, "Shaded"), " words spoke for the answer, ",
      el("mark", { class: "against" }, "underlined"), " ones against it. "],
    cells && "Bars to the right spoke for the answer, those to the left against it. ",
    "Weights say what the model looked at, and prove no cause.");
}
