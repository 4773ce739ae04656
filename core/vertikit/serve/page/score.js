/** The primary score of a run with its 95 % interval, in figures and, where it lies between 0 and 1, drawn. */

import { el, svg } from "./elements.js";
import { score as digits, words } from "./wording.js";

/** @param {{name: string, value: number, ci95?: [number, number]}} primary */
export function score(primary) {
  if (!primary || !Number.isFinite(primary.value)) return el("p", { class: "score soft" }, "No score");
  const [low, high] = between(primary);
  return el(
    "p", { class: "score" },
    el("b", {}, digits(primary.value)), " ",
    el("span", { class: "name" }, words(primary.name)), " ",
    strip(primary.value, low, high),
    el("span", { class: "interval" },
      Number.isFinite(low) ? `95 % interval ${digits(low)} to ${digits(high)}` : "without an interval"),
  );
}

function between(primary) {
  const [low, high] = Array.isArray(primary.ci95) ? primary.ci95 : [];
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [NaN, NaN];
}

/** The line from 0 to 1 with the interval on it; nothing for a score that does not live there. */
function strip(value, low, high) {
  const all = [value, low, high].filter(Number.isFinite);
  if (all.some((each) => each < 0 || each > 1)) return null;
  const at = (each) => 1 + 118 * each;
  return svg(
    "svg", { class: "strip", viewBox: "0 0 120 14", preserveAspectRatio: "xMinYMid meet", "aria-hidden": "true" },
    svg("line", { class: "scale", x1: at(0), x2: at(1), y1: 7, y2: 7 }),
    [0, 0.5, 1].map((each) => svg("line", { class: "scale", x1: at(each), x2: at(each), y1: 4, y2: 10 })),
    Number.isFinite(low) && svg("line", { class: "range", x1: at(low), x2: at(high), y1: 7, y2: 7 }),
    svg("circle", { class: "dot", cx: at(value), cy: 7, r: 3.6 }),
  );
}
