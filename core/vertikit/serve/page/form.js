/** The form for one row: fields from the task's columns, an example, and the row as it is sent. */

import { askJson } from "./asking.js";
import { button, el, fill } from "./elements.js";
import { field } from "./fields.js";
import { Problem } from "./problem.js";
import { body } from "./sending.js";
import { mayPass, trouble } from "./trouble.js";
import { several } from "./wording.js";

/**
 * @param {Object} task as `/v1/tasks` has it.
 * @param {{asked: () => void, changed: () => void, answered: (told: Object | null, row: Map) => void}} heard told
 *     when the row is sent, when a field changes, and when the answer is there (null: there is none).
 */
export function form(task, heard) {
  const fields = task.inputs.map((column) => field(column, task.example?.[column.name], () => heard.changed()));
  const alert = el("div", {});
  const note = el("p", { class: "help", role: "status" });
  const send = el("button", { class: "main" }, el("span", { class: "said" }, "Predict"));
  let running = null;

  const element = el(
    "form", { novalidate: true, autocomplete: "off", class: "row", on: { submit: submitted, keydown: shortcut } },
    el("div", { class: "fields" }, fields.map((each) => each.element)),
    alert,
    el("div", { class: "buttons" }, send,
      hasExample(task) && button("Fill in the example", example), button("Clear", clear)),
    note,
  );

  function example() {
    for (const each of fields) each.write(task.example[each.column.name]);
    fill(note, task.example_note);
    fill(alert);
    heard.changed();
    send.focus();
  }

  function clear() {
    running?.abort();
    for (const each of fields) each.write(undefined);
    fill(note);
    fill(alert);
    heard.changed();
    fields[0]?.focus();
  }

  function shortcut(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      element.requestSubmit();
    }
  }

  async function submitted(event) {
    event.preventDefault();
    if (running) return;
    const row = read();
    if (!row) return;
    fill(alert);
    running = new AbortController();
    busy("Predicting…");
    heard.asked();
    try {
      const told = await askJson(task.links.predict, {
        ...body(row), signal: running.signal,
        waiting: (seconds) => busy(`Server busy, again in ${Math.ceil(seconds)} s…`),
      });
      if (!told?.answer || typeof told.answer !== "object") {
        throw new Problem(502, { what: "The server's answer cannot be read" });
      }
      if (told.answer.error) throw new Problem(422, { what: told.answer.error });
      heard.answered(told, row);
    } catch (error) {
      if (error?.name !== "AbortError") tell(error);
      heard.answered(null, row);
    } finally {
      running = null;
      busy("");
    }
  }

  function busy(said) {
    send.setAttribute("aria-busy", String(Boolean(said)));
    send.firstChild.textContent = said || "Predict";
  }

  /** The row by column; null where a field is wrong, which then says so and has the focus. */
  function read() {
    const row = new Map();
    const wrong = [];
    for (const each of fields) {
      each.hush();
      const { value, wrong: what } = each.read();
      if (what) wrong.push([each, what, ""]);
      else if (value !== undefined) row.set(each.column.name, value);
    }
    point(wrong);
    if (wrong.length) return null;
    if (row.size) return row;
    fill(alert, el("p", { class: "trouble", role: "alert" }, "Fill in one field at least."));
    fields[0]?.focus();
    return null;
  }

  /** Errors of the server: at their fields, and the rest in one place. */
  function tell(error) {
    const problem = error instanceof Problem ? error : new Problem(502, { what: "The page cannot use the answer" });
    const known = new Map(fields.map((each) => [each.column.name, each]));
    const wrong = problem.errors
      .map(({ field: name, what, todo }) => [known.get(column(name, known)), what, todo])
      .filter(([each]) => each);
    if (wrong.length) point(wrong);
    else if (problem.status === 422 && fields.length === 1) point([[fields[0], problem.what, problem.todo]]);
    else {
      fill(alert, trouble(problem, mayPass(problem) ? () => element.requestSubmit() : null));
      alert.querySelector("button")?.focus();
    }
  }

  function point(wrong) {
    for (const [each, what, todo] of wrong) each.complain(what, todo);
    if (!wrong.length) return;
    if (wrong.length > 1) {
      fill(alert, el("p", { class: "trouble" }, `${several(wrong.length, "field")} above need another look.`));
    }
    wrong[0][0].focus();
  }

  return element;
}

/** The column that "row.amount", "rows[0].amount" or "amount" names. */
function column(name, known) {
  if (known.has(name)) return name;
  const rest = name.replace(/^(body\.)?(row|rows\[\d+\]|rows\.\d+)\./, "");
  return known.has(rest) ? rest : "";
}

function hasExample(task) {
  return task.inputs.some(({ name }) => task.example?.[name] !== undefined && task.example[name] !== null);
}
