/** A number with its 90 % interval, drawn on a line. */

import { el, svg } from "./elements.js";
import { figure } from "./wording.js";

const WIDTH = 320;

/** @param {{value: number, low: number, high: number}} found @param {{minimum?: number, maximum?: number}} scale */
export function interval({ value, low, high }, scale = {}) {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  const [from, to] = ends(value, low, high, scale);
  const at = (each) => 8 + (WIDTH - 16) * ((each - from) / (to - from || 1));
  const drawn = svg(
    "svg", { class: "interval-line", viewBox: `0 0 ${WIDTH} 44`, role: "img",
      "aria-label": `${figure(value)}, with 90 % between ${figure(low)} and ${figure(high)}` },
    svg("line", { class: "scale", x1: at(from), x2: at(to), y1: 14, y2: 14 }),
    svg("line", { class: "range", x1: at(low), x2: at(high), y1: 14, y2: 14 }),
    svg("circle", { class: "dot", cx: at(value), cy: 14, r: 6 }),
    tick(at(from), from, "start"), tick(at(to), to, "end"),
  );
  return el("figure", {}, drawn,
    el("figcaption", { class: "soft" }, `In 90 of 100 such cases it lies between ${figure(low)} and ${figure(high)}.`));
}

function tick(x, value, anchor) {
  return svg("text", { x: anchor === "start" ? x - 4 : x + 4, y: 38, "text-anchor": anchor }, figure(value));
}

/** Those of the scale where it has any near, else a little beyond the interval. */
function ends(value, low, high, { minimum, maximum }) {
  const room = Math.max(high - low, Math.abs(value) * 0.05, 1e-9) * 0.5;
  return [
    Number.isFinite(minimum) ? Math.min(minimum, low) : Math.min(low, value) - room,
    Number.isFinite(maximum) ? Math.max(maximum, high) : Math.max(high, value) + room,
  ];
}
