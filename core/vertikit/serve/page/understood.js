/** A pasted table as it was understood, and the columns that one may have. */

import { el } from "./elements.js";
import { several } from "./wording.js";

const PREVIEWED = 4;
const NAMED = 30;

/** The first rows; what is not used is struck out. @param {import("./pasted.js").Pasted} table */
export function understood({ header, rows, columns }) {
  const kind = (at) => (columns[at] === null ? "unused" : null);
  const unused = header.filter((_, at) => columns[at] === null);
  const count = several(rows.length, "row");
  return el("figure", { class: "understood" },
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "The table as it was understood" },
      el("table", {},
        el("thead", {}, el("tr", {}, header.map((name, at) => el(
          "th", { scope: "col", class: kind(at) }, name || "–")))),
        el("tbody", {}, rows.slice(0, PREVIEWED).map((row) => el("tr", {}, header.map((_, at) => el(
          "td", { class: kind(at) }, row[at] ?? ""))))))),
    el("figcaption", { class: "soft" },
      rows.length > PREVIEWED ? `The first ${PREVIEWED} of ${count}.` : `${count}.`,
      unused.length > 0 && ` Not used: ${unused.join(", ")}.`));
}

/** Names of the task's columns, those that are needed in bold. */
export function columnNames({ inputs }) {
  const optional = inputs.filter(({ required }) => !required).length;
  return [
    "Columns: ",
    inputs.slice(0, NAMED).map(({ name, required }, at) => [
      at > 0 && ", ", el("code", { class: required ? "needed" : null }, name)]),
    inputs.length > NAMED && ` and ${inputs.length - NAMED} more`, ".",
    optional > 0 && optional < inputs.length && " Those in bold are needed.",
  ];
}
