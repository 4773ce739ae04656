/** A heat map over the picture it is of, which can be taken off. */

import { el, newId } from "./elements.js";

const SHOWN = /^image\/(png|jpeg|gif|webp|bmp|avif)$/;
const MAP = /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/=\s]+$/;

/** @param {Blob | undefined} picture as it was sent. @param {string} map a data: URL. */
export function heatmap(picture, map) {
  if (!MAP.test(map)) return null;
  const over = el("img", { class: "over", src: map, alt: "Where the model looked: the warmer, the more it counted" });
  if (!picture || !SHOWN.test(picture.type)) return el("figure", { class: "heatmap" }, over);
  const id = newId("over");
  const under = el("img", { src: URL.createObjectURL(picture), alt: "The picture that was read",
    on: { load: () => URL.revokeObjectURL(under.src), error: () => under.remove() } });
  const box = el("input", { type: "range", id, min: 0, max: 100, value: 60, on: {
    input: () => over.style.setProperty("--over", String(box.value / 100)),
  } });
  over.style.setProperty("--over", "0.6");
  return el("figure", { class: "heatmap" },
    el("div", { class: "stack" }, under, over),
    el("figcaption", {}, el("label", { for: id }, "Strength of the heat map"), box));
}
