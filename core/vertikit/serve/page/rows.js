/** Many rows: a table is pasted or opened, shown as it was understood, and answered row by row. */

import { noted } from "./answer.js";
import { answersTable } from "./answers.js";
import { askJson } from "./asking.js";
import { written } from "./delimited.js";
import { el, fill, newId } from "./elements.js";
import { pasted, sent } from "./pasted.js";
import { Problem } from "./problem.js";
import { sentence, several, words } from "./wording.js";

const AT_ONCE = 100;
const MOST = 20_000;
const PREVIEWED = 4;
const NOTED = 20;
const LARGEST = 20_000_000;

/** Whether rows of the task hang together, so that they can be judged only in one request. */
export function isSeries(task) {
  return task.windows ?? task.inputs.some(({ type, modality }) => type === "series" || modality === "series");
}

export function rowsPlace(task) {
  const id = newId("rows");
  const area = el("textarea", {
    id, rows: 7, spellcheck: "false", autocomplete: "off", wrap: "off", class: "paste",
    "aria-describedby": `${id}-help ${id}-wrong`, placeholder: task.inputs.slice(0, 4).map(({ name }) => name).join("\t"),
  });
  const wrong = el("p", { class: "wrong", id: `${id}-wrong` });
  const preview = el("div", {});
  const live = el("p", { class: "unseen", role: "status" });
  const outcome = el("div", {});
  const send = el("button", { type: "button", class: "main", on: { click: answer } }, "Predict");
  const stop = el("button", { type: "button", class: "plain", hidden: true, on: { click: () => running?.abort() } }, "Stop");
  const file = el("input", { type: "file", id: `${id}-file`, class: "unseen", accept: ".csv,.tsv,.txt,text/csv", on: { change: opened } });
  const progress = el("progress", { hidden: true, max: 1, value: 0, "aria-label": "Rows answered" });
  let running = null;
  let table = null;

  area.addEventListener("input", understood);
  area.addEventListener("dragover", (event) => event.preventDefault());
  area.addEventListener("drop", (event) => {
    const [dropped] = event.dataTransfer?.files ?? [];
    if (!dropped) return;
    event.preventDefault();
    read(dropped);
  });

  function opened() {
    if (file.files[0]) read(file.files[0]);
    file.value = "";
  }

  async function read(chosen) {
    if (chosen.size > LARGEST) return complain("This file is too large for a page; `vertikit predict` takes files of any size.");
    area.value = await chosen.text();
    understood();
    send.focus();
    return undefined;
  }

  function example() {
    const found = examples(task);
    const names = [...new Set(found.flatMap((row) => Object.keys(row)))];
    area.value = written([names, ...found.map((row) => names.map((name) => row[name] ?? ""))]);
    understood();
    area.focus();
  }

  function understood() {
    table = pasted(task, area.value);
    complain(table.wrong);
    fill(preview, table.header.length > 0 && !table.wrong && previewOf(task, table));
    send.textContent = table.rows.length && !table.wrong ? `Predict ${several(table.rows.length, "row")}` : "Predict";
  }

  function complain(what) {
    wrong.textContent = what;
    if (what) area.setAttribute("aria-invalid", "true");
    else area.removeAttribute("aria-invalid");
  }

  async function answer() {
    if (running) return;
    understood();
    if (!table.header.length) complain("Paste a table first, or open a file.");
    if (table.rows.length > MOST) complain(`A page takes ${several(MOST, "row")} at most; \`vertikit predict\` takes any number.`);
    if (wrong.textContent) { area.focus(); return; }
    const found = table;
    const rows = sent(task, found);
    running = new AbortController();
    send.setAttribute("aria-busy", "true");
    stop.hidden = false;
    progress.hidden = false;
    progress.value = 0;
    const answers = [];
    const notes = [];
    let problem = null;
    const step = isSeries(task) ? rows.length : AT_ONCE;
    try {
      for (let at = 0; at < rows.length; at += step) {
        const part = rows.slice(at, at + step);
        const told = await askJson(task.links.predict, { json: { rows: part }, signal: running.signal, timeout: 120_000 });
        if (!Array.isArray(told.answers)) throw new Problem(502, { what: "The server's answer cannot be read" });
        answers.push(...told.answers.map((each, nth) => ({ ...each, row: at + (each.row ?? nth + 1) })));
        notes.push(...(told.notes ?? []).map(({ field, what }) => ({ field: placed(field, at), what })));
        progress.value = Math.min(1, (at + part.length) / rows.length);
      }
    } catch (error) {
      problem = error?.name === "AbortError" ? null : error;
    }
    running = null;
    send.removeAttribute("aria-busy");
    stop.hidden = true;
    progress.hidden = true;
    fill(outcome,
      problem && trouble(problem, answers.length),
      noted(notes.slice(0, NOTED)),
      answers.length > 0 && answersTable(task, found, answers));
    live.textContent = problem ? "" : `${several(answers.length, "answer")}.`;
    outcome.scrollIntoView({ block: "nearest" });
  }

  function trouble(problem, done) {
    const first = problem.errors?.find(({ what }) => what);
    const where = first?.field.startsWith("rows") ? `${placed(first.field, done)}: ` : "";
    return el("div", { class: "trouble", role: "alert" },
      el("p", {}, el("b", {}, where, sentence(first?.what || (problem.what ?? "It did not work"))), " ",
        sentence(first?.todo || problem.todo || "")),
      done > 0 && el("p", {}, `The ${several(done, "row")} before are answered below.`),
      el("button", { type: "button", class: "plain small", on: { click: answer } }, "Try again"));
  }

  return el("div", { class: "rows" },
    el("div", { class: "field" },
      el("label", { for: id }, "Table"),
      el("p", { class: "help", id: `${id}-help` },
        "Paste rows from a spreadsheet, with the names of the columns in the first line, or drop a CSV file here. ",
        isSeries(task) && "Rows are read as readings over time, in this order. ", columnsOf(task)),
      area, wrong),
    preview,
    el("div", { class: "buttons" }, send, stop,
      file, el("label", { class: "plain button", for: file.id }, "Open a file"),
      examples(task).length > 0 && el("button", { type: "button", class: "plain", on: { click: example } }, "Use the example"),
      progress),
    live, outcome);
}

/** "rows[3].amount" of a request that began after `before` rows, in words. */
function placed(field, before) {
  const found = /^rows\[(\d+)\](?:\.(.*))?$/.exec(field ?? "");
  return found ? `Row ${before + Number(found[1]) + 1}${found[2] ? `, ${words(found[2])}` : ""}` : String(field ?? "");
}

function examples(task) {
  if (Array.isArray(task.examples) && task.examples.length) return task.examples;
  return task.example && Object.keys(task.example).length ? [task.example] : [];
}

function columnsOf(task) {
  const optional = task.inputs.filter(({ required }) => !required).length;
  return ["Columns: ", task.inputs.slice(0, 30).map(({ name, required }, at) => [
    at > 0 && ", ", el("code", { class: required ? "needed" : null }, name)]),
  task.inputs.length > 30 && ` and ${task.inputs.length - 30} more`, ".",
  optional > 0 && optional < task.inputs.length && " Those in bold are needed."];
}

function previewOf(task, { header, rows, columns }) {
  const unused = header.filter((_, at) => columns[at] === null);
  return el("figure", { class: "understood" },
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "The table as it was understood" },
      el("table", {},
        el("thead", {}, el("tr", {}, header.map((name, at) => el(
          "th", { scope: "col", class: columns[at] === null ? "unused" : null }, name || "–")))),
        el("tbody", {}, rows.slice(0, PREVIEWED).map((row) => el("tr", {}, header.map((_, at) => el(
          "td", { class: columns[at] === null ? "unused" : null }, row[at] ?? ""))))))),
    el("figcaption", { class: "soft" },
      rows.length > PREVIEWED ? `The first ${PREVIEWED} of ${several(rows.length, "row")}.` : several(rows.length, "row") + ".",
      unused.length > 0 && ` Not used: ${unused.join(", ")}.`));
}
