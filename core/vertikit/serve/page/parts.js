/** Many rows asked about in several requests, one after the other; what was answered is kept when one fails. */

import { askJson } from "./asking.js";
import { Problem } from "./problem.js";
import { words } from "./wording.js";

const AT_ONCE = 100;
const TIMEOUT = 120_000;

/**
 * @param {Object} task
 * @param {Object[]} rows
 * @param {{signal: AbortSignal, done: (share: number) => void}} how
 * @returns {Promise<{answers: Object[], notes: Object[], problem: Object | null}>} `row` of an answer counts from 1
 *     over all rows; no problem where the signal ended it.
 */
export async function askRows(task, rows, { signal, done }) {
  const answers = [];
  const notes = [];
  const step = isTogether(task) ? rows.length : AT_ONCE;
  try {
    for (let at = 0; at < rows.length; at += step) {
      const part = rows.slice(at, at + step);
      const told = await askJson(task.links.predict, { json: { rows: part }, signal, timeout: TIMEOUT });
      if (!Array.isArray(told?.answers)) throw new Problem(502, { what: "The server's answer cannot be read" });
      answers.push(...told.answers.map((each, nth) => ({ ...each, row: at + (each.row ?? nth + 1) })));
      notes.push(...(told.notes ?? []).map(({ field, what }) => ({ field: placed(field, at), what })));
      done(Math.min(1, (at + part.length) / rows.length));
    }
  } catch (error) {
    return { answers, notes, problem: error?.name === "AbortError" ? null : located(error, answers.length) };
  }
  return { answers, notes, problem: null };
}

/** Whether the answer to a row depends on those beside it, so that all have to stand in one request. */
export function isTogether(task) {
  return task.depends || isSeries(task);
}

/** Whether rows are readings over time, several of which make what is judged. */
export function isSeries(task) {
  return task.windows ?? task.inputs.some(({ type, modality }) => type === "series" || modality === "series");
}

/** The problem in the words of its first error, which names a row. */
function located(problem, before) {
  const first = problem.errors?.find(({ what }) => what);
  if (!first) return problem;
  const where = placed(first.field, before);
  return { ...problem, what: where ? `${where}: ${first.what}` : first.what, todo: first.todo || problem.todo };
}

/** "rows[3].amount" of a request that began after `before` rows, in words. */
function placed(field, before) {
  const found = /^rows\[(\d+)\](?:\.(.*))?$/.exec(field ?? "");
  return found ? `Row ${before + Number(found[1]) + 1}${found[2] ? `, ${words(found[2])}` : ""}` : String(field ?? "");
}
