/** The same question from a program, as a line for a shell: made of the example, never of what was typed. */

import { el } from "./elements.js";

export function program(task) {
  const example = task.example;
  if (!example || !Object.keys(example).length) return null;
  const isFile = (value) => String(value).startsWith("data:");
  const address = new URL(task.links.predict.replace(/^\/+/, ""), document.baseURI);
  const content = Object.values(example).some(isFile)
    ? Object.entries(example).map(([name, value]) => `-F ${quoted(`${name}=${isFile(value) ? "@FILE" : value}`)}`)
    : ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify({ row: example }))}`];
  return el("details", { class: "program" },
    el("summary", {}, "From a program"),
    el("pre", { tabindex: "0" }, el("code", {}, ["curl", quoted(address.href), ...content].join(" \\\n  "))),
    el("p", { class: "help" },
      "With a key: ", el("code", {}, "-H \"Authorization: Bearer $KEY\""), ". All that can be asked: ",
      el("a", { href: "openapi.json" }, "the API"), "."));
}

/** For a shell, whatever it holds. */
function quoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
