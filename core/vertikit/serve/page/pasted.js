/** A pasted table beside the task's columns: what matches, what is missing, and the rows to send. */

import { parse } from "./delimited.js";

/**
 * @typedef {Object} Pasted
 * @property {string[]} header as it was pasted.
 * @property {string[][]} rows
 * @property {(string | null)[]} columns the task's column of each pasted one.
 * @property {string[]} missing required columns that are not there.
 * @property {string} wrong why it cannot be used; "" where it can.
 */

/** @param {Object} task @param {string} text @returns {Pasted} */
export function pasted(task, text) {
  const [header = [], ...rows] = parse(text);
  const known = new Map(task.inputs.map(({ name }) => [folded(name), name]));
  const taken = new Set();
  const columns = header.map((name) => {
    const found = known.get(folded(name)) ?? null;
    if (found === null || taken.has(found)) return null;
    taken.add(found);
    return found;
  });
  const missing = task.inputs.filter(({ name, required }) => required && !taken.has(name)).map(({ name }) => name);
  return { header, rows, columns, missing, wrong: wrongWith(task, header, rows, taken, missing) };
}

function wrongWith(task, header, rows, taken, missing) {
  if (!header.length) return "";
  if (!taken.size) {
    const some = task.inputs.slice(0, 3).map(({ name }) => name).join(", ");
    return `The first line has to name the columns, such as ${some}.`;
  }
  if (missing.length) return `A column is missing: ${missing.join(", ")}.`;
  if (!rows.length) return "There is a line of names, and no row below it.";
  const uneven = rows.findIndex((row) => row.length > header.length);
  return uneven < 0 ? ""
    : `Row ${uneven + 1} has ${rows[uneven].length} cells, and the first line names ${header.length} columns.`;
}

/** The rows as the server takes them: {column: value}, numbers as numbers, nothing for an empty cell. */
export function sent(task, { rows, columns }) {
  const types = new Map(task.inputs.map((column) => [column.name, column]));
  return rows.map((cells) => {
    const row = {};
    columns.forEach((name, at) => {
      const cell = cells[at] ?? "";
      if (name !== null && cell.trim() !== "") row[name] = value(cell, types.get(name));
    });
    return row;
  });
}

/** A text that is no number stays a text: the server says what is wrong with it, row by row. */
function value(cell, { type, schema }) {
  const numeric = type === "number" || type === "series" || schema?.type === "number" || schema?.type === "integer";
  const number = numeric ? Number(cell.trim()) : NaN;
  return Number.isFinite(number) ? number : cell;
}

function folded(name) {
  return name.trim().toLowerCase().replace(/[\s_]+/g, " ");
}
