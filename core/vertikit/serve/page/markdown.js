/** Markdown of a model card as elements: what a card uses, and no HTML. Every piece of it ends as text. */

import { el } from "./elements.js";
import { inline } from "./inline.js";

const FOR_THE_HUB = new Set(["library_name", "pipeline_tag"]);
const FENCE = /^(```+|~~~+)/;
const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const QUOTE = /^>/;
const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
const BEGINNINGS = [FENCE, HEADING, QUOTE, ITEM];
const RULE = /^\s*([-*_])(\s*\1){2,}\s*$/;
const DASHES = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** @param {string} text @param {number} deeper levels that headings go down. @returns {Node[]} */
export function markdown(text, deeper = 1) {
  const { front, lines } = split(text);
  return [front.length > 0 && header(front), ...blocks(lines, deeper)].filter(Boolean);
}

/** The YAML before the text, of which plain `key: value` lines are shown. */
function split(text) {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const end = lines[0] === "---" ? lines.indexOf("---", 1) : -1;
  if (end < 0) return { front: [], lines };
  const front = lines.slice(1, end).map((line) => /^([A-Za-z_]+):\s+(\S.*)$/.exec(line)).filter(Boolean);
  return {
    front: front.filter(([, key]) => !FOR_THE_HUB.has(key))
      .map(([, key, value]) => [key, value.replace(/^(["'])(.*)\1$/, "$2")]),
    lines: lines.slice(end + 1),
  };
}

function header(front) {
  return el("dl", { class: "front" }, front.map(([key, value]) => el("div", {},
    el("dt", {}, key.replaceAll("_", " ")), el("dd", {}, value))));
}

function blocks(lines, deeper) {
  const made = [];
  let at = 0;
  const until = (ends) => {
    const from = at;
    while (at < lines.length && !ends(lines[at])) at += 1;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (line.trim() === "") at += 1;
    else if (fence) {
      at += 1;
      made.push(el("pre", { tabindex: "0" }, el("code", {}, until((each) => each.startsWith(fence[1])).join("\n"))));
      at += 1;
    } else if (heading) {
      at += 1;
      made.push(el(`h${Math.min(6, heading[1].length + deeper)}`, {}, inline(heading[2])));
    } else if (RULE.test(line)) {
      at += 1;
      made.push(el("hr"));
    } else if (line.startsWith(">")) {
      const quoted = until((each) => !each.startsWith(">")).map((each) => each.replace(/^>\s?/, ""));
      made.push(el("blockquote", {}, blocks(quoted, deeper)));
    } else if (line.includes("|") && DASHES.test(lines[at + 1] ?? "")) {
      made.push(table(until((each) => !each.includes("|"))));
    } else if (ITEM.test(line)) {
      made.push(list(until((each) => each.trim() === "" || !(ITEM.test(each) || /^\s+/.test(each)))));
    } else {
      const first = [line];
      at += 1;
      first.push(...until((each) => each.trim() === "" || BEGINNINGS.some((sign) => sign.test(each))));
      made.push(el("p", {}, inline(first.join(" "))));
    }
  }
  return made;
}

function table([head, dashes, ...body]) {
  const sides = cells(dashes).map((each) => (each.endsWith(":") ? "number" : null));
  const row = (tag, line) => el("tr", {}, cells(line).map((each, at) => el(
    tag, { class: sides[at], scope: tag === "th" ? "col" : null }, inline(each))));
  return el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    el("table", {}, el("thead", {}, row("th", head)), el("tbody", {}, body.map((line) => row("td", line)))));
}

/** Cells of a line; `\|` does not end one. */
function cells(line) {
  return line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "").split(/(?<!\\)\|/).map((each) => each.trim());
}

/** Items, and those that stand deeper as a list of their own. */
function list(lines) {
  const depth = ITEM.exec(lines[0])[1].length;
  const ordered = /\d/.test(ITEM.exec(lines[0])[2]);
  const items = [];
  for (const line of lines) {
    const found = ITEM.exec(line);
    if (found && found[1].length <= depth) items.push({ text: found[3], deeper: [] });
    else if (found || items.at(-1).deeper.length) items.at(-1).deeper.push(line);
    else items.at(-1).text += ` ${line.trim()}`;
  }
  return el(ordered ? "ol" : "ul", {}, items.map(({ text, deeper }) => el(
    "li", {}, inline(text), deeper.length > 0 && list(deeper))));
}
