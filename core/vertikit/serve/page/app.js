/** The page: asks what is served, and shows the list or the task that the address names. */

import { askJson } from "./asking.js";
import { el, fill } from "./elements.js";
import { currentKey, keepKey } from "./key.js";
import { list } from "./list.js";
import { taskView } from "./task.js";
import { trouble } from "./trouble.js";

const main = document.querySelector("main");
const back = document.querySelector("#back");
const forget = document.querySelector("#forget");
const api = document.querySelector("#api");
let tasks = [];
let first = true;
let here = "";

function address(task, tab = "") {
  return `#/${encodeURIComponent(task.run)}${tab ? `/${tab}` : ""}`;
}

/** [run, tab] of the address. */
function named() {
  const [run = "", tab = ""] = location.hash.replace(/^#\/?/, "").split("/");
  try {
    return [decodeURIComponent(run), tab];
  } catch {
    return ["", ""];
  }
}

async function load() {
  try {
    const told = await askJson("/v1/tasks", { timeout: 15_000 });
    tasks = Array.isArray(told.tasks) ? told.tasks : [];
    return true;
  } catch (problem) {
    fill(main, el("h1", { tabindex: "-1" }, "Vertikit"), trouble(problem, start));
    return false;
  }
}

function show() {
  const [run, tab] = named();
  const task = tasks.find((each) => each.run === run) ?? (tasks.length === 1 ? tasks[0] : null);
  const now = task ? task.run : "";
  if (now === here && !first) return;
  here = now;
  back.hidden = !task || tasks.length < 2;
  document.title = task ? `${task.title || task.task} · Vertikit` : "Vertikit";
  fill(main, task
    ? taskView(task, tab, (key) => history.replaceState(null, "", address(task, key)))
    : list(tasks, address));
  if (!first) {
    window.scrollTo(0, 0);
    main.querySelector("h1")?.focus({ preventScroll: true });
  }
  first = false;
}

async function start() {
  main.setAttribute("aria-busy", "true");
  const loaded = await load();
  main.removeAttribute("aria-busy");
  if (loaded) {
    first = true;
    show();
  }
}

/** Runs come and go while the server stands: the list is asked for again whenever it is come back to. */
async function moved() {
  if (!named()[0] && !(await load())) return;
  show();
}

function keyChanged() {
  forget.hidden = !currentKey();
  api.hidden = !forget.hidden; // a link cannot give the key
}

window.addEventListener("hashchange", moved);
document.addEventListener("keychange", keyChanged);
forget.addEventListener("click", () => keepKey(""));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // what stands after # in the address names a run
  main.focus();
});
keyChanged();
start();
