/** Words of a text by what they weighed. */

import { el, share } from "./elements.js";
import { capital, figure, words } from "./wording.js";

const NAMED = 6;
const SLIGHT = 0.08;

export function isPassage({ start, end }) {
  return Number.isInteger(start) && Number.isInteger(end);
}

/**
 * @param {string} text as it was sent.
 * @param {Array<{start: number, end: number, weight: number}>} parts places in characters (Unicode code points, as the
 *     server counts them; a string here counts UTF-16 units).
 * @param {number} most the largest weight of the row, which has the full shade.
 * @param {boolean} named whether the column's name stands above.
 */
export function highlighted(column, text, parts, most, named) {
  const signs = Array.from(text);
  const pieces = [];
  let at = 0;
  for (const { start, end, weight } of [...parts].sort((one, other) => one.start - other.start)) {
    if (start < at || end > signs.length || end <= start) continue;
    pieces.push(signs.slice(at, start).join(""));
    pieces.push(piece(signs.slice(start, end).join(""), weight, most));
    at = end;
  }
  pieces.push(signs.slice(at).join(""));
  return el("div", { class: "passage" },
    named && el("h4", {}, capital(words(column))), el("p", {}, pieces), strongest(signs, parts, most));
}

function piece(text, weight, most) {
  const part = Math.abs(weight) / most;
  if (part < SLIGHT) return text;
  const title = `${weight < 0 ? "against" : "for"} the answer: ${figure(weight)}`;
  return share(el("mark", { class: weight < 0 ? "against" : "for", title }, text), part);
}

/** The same in words, for those who see no shades. */
function strongest(signs, parts, most) {
  const named = (sign) => [...parts]
    .filter(({ weight }) => sign * weight > SLIGHT * most)
    .sort((one, other) => sign * (other.weight - one.weight))
    .slice(0, NAMED)
    .map(({ start, end }) => signs.slice(start, end).join("").replace(/^[\p{P}\s]+|[\p{P}\s]+$/gu, ""))
    .filter(Boolean);
  const say = (sign, word) => {
    const found = [...new Set(named(sign))];
    return found.length ? el("div", {}, el("dt", {}, word), el("dd", {}, found.join(", "))) : null;
  };
  return el("dl", { class: "strongest" }, say(1, "Most for it"), say(-1, "Most against it"));
}
