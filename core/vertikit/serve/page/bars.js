/** Bars: shares of a whole, and weights to both sides of nothing. */

import { el, share } from "./elements.js";
import { percent, several } from "./wording.js";

const SHOWN = 5;
const STEPS = 12;
const SLIGHT = 0.0005;

/**
 * Probabilities as bars: steps of a scale in their order, anything else with the likeliest first and the rest folded.
 * @param {Array<{label: string, p: number}>} found the likeliest first.
 */
export function probabilityBars(found) {
  const line = ({ label, p }) => el(
    "li", { class: label === found[0].label ? "likeliest" : null },
    el("span", { class: "label" }, label), el("span", { class: "value" }, percent(p)),
    share(el("span", { class: "track", "aria-hidden": "true" }, el("span", { class: "bar" })), p),
  );
  if (found.length <= STEPS && found.every(({ label }) => label.trim() !== "" && Number.isFinite(Number(label)))) {
    return el("ol", { class: "bars" }, [...found].sort((one, other) => one.label - other.label).map(line));
  }
  const first = found.slice(0, found.length <= SHOWN + 1 ? SHOWN + 1 : SHOWN);
  const rest = found.slice(first.length);
  const least = rest.every(({ p }) => p < SLIGHT) ? ", each below 0.1 %" : "";
  return [
    el("ol", { class: "bars" }, first.map(line)),
    rest.length > 0 && el("details", {},
      el("summary", {}, `${several(rest.length, "other")}${least}`), el("ol", { class: "bars" }, rest.map(line))),
  ];
}

/** Weights of cells: to the right what spoke for the answer, to the left what spoke against. */
export function weightBars(parts) {
  const most = Math.max(...parts.map(({ weight }) => Math.abs(weight)), 1e-12);
  const digits = Math.min(8, Math.max(1, 2 - Math.floor(Math.log10(most)))); // as many for all, so that they compare
  return el("ol", { class: "weights" }, parts.map(({ label, value, weight }) => el(
    "li", { class: weight < 0 ? "against" : "for" },
    el("span", { class: "label" }, label, value !== "" && el("span", { class: "soft" }, ` ${value}`)),
    share(el("span", { class: "track", "aria-hidden": "true" }, el("span", { class: "bar" })), Math.abs(weight) / most),
    el("span", { class: "value" }, `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(digits)}`),
  )));
}
