/** Many rows: a table is pasted or opened, shown as it was understood, and answered row by row. */

import { noted } from "./answer.js";
import { answersTable } from "./answers.js";
import { written } from "./delimited.js";
import { button, el, fill, newId } from "./elements.js";
import { askRows, isSeries, isTogether } from "./parts.js";
import { pasted, sent } from "./pasted.js";
import { trouble } from "./trouble.js";
import { columnNames, understood } from "./understood.js";
import { several } from "./wording.js";

const MOST = 20_000;
const NOTED = 20;
const LARGEST = 20_000_000;

export function rowsPlace(task) {
  const id = newId("rows");
  const area = el("textarea", {
    id, rows: 7, spellcheck: "false", autocomplete: "off", wrap: "off", class: "paste",
    "aria-describedby": `${id}-help ${id}-wrong`,
    placeholder: task.inputs.slice(0, 4).map(({ name }) => name).join("\t"),
    on: { input: look, dragover: (event) => event.preventDefault(), drop: dropped },
  });
  const wrong = el("p", { class: "wrong", id: `${id}-wrong` });
  const preview = el("div", {});
  const live = el("p", { class: "unseen", role: "status" });
  const outcome = el("div", {});
  const send = button("Predict", answer, "main");
  const stop = button("Stop", () => running?.abort());
  const progress = el("progress", { max: 1, value: 0, "aria-label": "Rows answered" });
  const file = el("input", {
    type: "file", id: `${id}-file`, class: "unseen", accept: ".csv,.tsv,.txt,text/csv", on: { change: opened },
  });
  let running = null;
  let table = null;

  function opened() {
    if (file.files[0]) read(file.files[0]);
    file.value = "";
  }

  function dropped(event) {
    const [first] = event.dataTransfer?.files ?? [];
    if (!first) return;
    event.preventDefault();
    read(first);
  }

  async function read(chosen) {
    if (chosen.size > LARGEST) {
      complain("This file is too large for a page; `vertikit predict` takes files of any size.");
      return;
    }
    area.value = await chosen.text();
    look();
    send.focus();
  }

  function example() {
    const found = examples(task);
    const names = [...new Set(found.flatMap((row) => Object.keys(row)))];
    area.value = written([names, ...found.map((row) => names.map((name) => row[name] ?? ""))]);
    look();
    send.focus();
  }

  function look() {
    table = pasted(task, area.value);
    complain(table.wrong || (table.rows.length > MOST
      ? `A page takes ${several(MOST, "row")} at most; \`vertikit predict\` takes any number.` : ""));
    const usable = table.header.length > 0 && !wrong.textContent;
    fill(preview, usable && understood(table));
    send.textContent = usable ? `Predict ${several(table.rows.length, "row")}` : "Predict";
  }

  function complain(what) {
    wrong.textContent = what;
    if (what) area.setAttribute("aria-invalid", "true");
    else area.removeAttribute("aria-invalid");
  }

  function busy(on) {
    send.setAttribute("aria-busy", String(on));
    stop.hidden = !on;
    progress.hidden = !on;
    progress.value = 0;
  }

  async function answer() {
    if (running) return;
    look();
    if (!table.header.length) complain("Paste a table first, or open a file.");
    if (wrong.textContent) {
      area.focus();
      return;
    }
    const asked = table;
    running = new AbortController();
    busy(true);
    const { answers, notes, problem } = await askRows(task, sent(task, asked), {
      signal: running.signal, done: (share) => { progress.value = share; },
    });
    running = null;
    busy(false);
    fill(outcome,
      problem && trouble(problem, answer,
        answers.length > 0 && el("p", {}, `The ${several(answers.length, "row")} before are answered below.`)),
      noted(notes.slice(0, NOTED)),
      answers.length > 0 && answersTable(task, asked, answers));
    live.textContent = problem ? "" : `${several(answers.length, "answer")}.`;
    outcome.scrollIntoView({ block: "nearest" });
  }

  busy(false);
  return el("div", { class: "rows" },
    el("div", { class: "field" },
      el("label", { for: id }, "Table"),
      el("p", { class: "help", id: `${id}-help` },
        "Paste rows from a spreadsheet, with the names of the columns in the first line, or drop a CSV file here. ",
        isSeries(task) ? "Rows are read as readings over time. "
          : isTogether(task) && "Rows are read beside each other. ",
        columnNames(task)),
      area, wrong),
    preview,
    el("div", { class: "buttons" }, send, stop,
      file, el("label", { class: "plain button", for: file.id }, "Open a file"),
      examples(task).length > 0 && button("Use the example", example),
      progress),
    live, outcome);
}

function examples(task) {
  return (task.examples ?? [task.example]).filter((row) => row && Object.keys(row).length);
}
