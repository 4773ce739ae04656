/** Markdown within a line: code, strong, emphasis, links, escapes. Anything else, HTML too, is text. */

import { el } from "./elements.js";

const MARK = new RegExp([
  String.raw`\\(?<escaped>[!-/:-@[-\x60{-~])`,
  String.raw`(?<ticks>\x60+)(?<code>.+?)\k<ticks>(?!\x60)`,
  String.raw`\*\*(?<strong>(?:\\.|[^*\\]|\*(?!\*))+?)\*\*`,
  String.raw`(?<![\w*])[*](?<star>(?:\\.|[^*\\])+?)[*](?![\w*])`,
  String.raw`(?<![\w_])_(?<under>(?:\\.|[^_\\])+?)_(?![\w_])`,
  String.raw`(?<picture>!)?\[(?<text>(?:\\.|[^\]\\])*)\]\((?<link>[^()\s]*)\)`,
  String.raw`<(?<plain>https?:\/\/[^<>\s]+)>`,
].join("|"), "gs");

/** @param {string} text @returns {Array<Node | string>} */
export function inline(text) {
  const made = [];
  let at = 0;
  for (const found of text.matchAll(MARK)) {
    made.push(text.slice(at, found.index));
    at = found.index + found[0].length;
    made.push(node(found.groups));
  }
  made.push(text.slice(at));
  return made.filter((each) => each !== "");
}

function node({ escaped, code, strong, star, under, picture, text, link, plain }) {
  if (escaped !== undefined) return escaped;
  if (code !== undefined) return el("code", {}, code.length > 2 ? code.replace(/^ (.*) $/s, "$1") : code);
  if (strong !== undefined) return el("strong", {}, inline(strong));
  if (star !== undefined || under !== undefined) return el("em", {}, inline(star ?? under));
  if (plain !== undefined) return anchor(plain, [plain]);
  return picture ? inline(text)[0] ?? "" : anchor(link, inline(text)); // a picture would be a request to elsewhere
}

/** A link of the web opens elsewhere and is told nothing of this page; one of any other kind is its text. */
function anchor(address, content) {
  if (!/^https?:\/\//i.test(address)) return el("span", {}, content);
  return el("a", { href: address, target: "_blank", rel: "noopener noreferrer nofollow" }, content);
}
