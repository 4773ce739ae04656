/** A heat map: laid over the picture that it is of, or as it comes where it shows the picture itself. */

import { el, fill, newId } from "./elements.js";

const SHOWN = /^image\/(png|jpeg|gif|webp|bmp|avif)$/;
const MAP = /^data:image\/(png|jpeg|webp);base64,[A-Za-z0-9+/=\s]+$/;
const ALIKE = 0.1;
const BEGIN = 0.6;

/** @param {Blob | undefined} picture as it was sent. @param {string} map a data: URL. */
export function heatmap(picture, map) {
  if (!MAP.test(map)) return null;
  const over = el("img", { class: "over", src: map, alt: "Heat map: the warmer a place, the more it counted" });
  const figure = el("figure", { class: "heatmap" }, over, caption());
  if (picture && SHOWN.test(picture.type)) lay(figure, over, picture).catch(() => {});
  return figure;
}

function caption() {
  return el("figcaption", { class: "soft" }, "The warmer a place, the more it counted.");
}

/** Over the picture, where both have the same shape; a map of another shape has the picture beside it. */
async function lay(figure, over, picture) {
  const address = URL.createObjectURL(picture);
  const under = el("img", { src: address, alt: "The picture that was read" });
  try {
    await Promise.all([under.decode(), over.decode()]);
  } finally {
    URL.revokeObjectURL(address);
  }
  const shape = (each) => each.naturalWidth / each.naturalHeight;
  if (Math.abs(shape(over) / shape(under) - 1) > ALIKE) return;
  const id = newId("over");
  const slider = el("input", { type: "range", id, min: 0, max: 100, value: 100 * BEGIN, on: {
    input: () => over.style.setProperty("--over", String(slider.value / 100)),
  } });
  over.style.setProperty("--over", String(BEGIN));
  fill(figure, el("div", { class: "stack" }, under, over),
    el("div", { class: "strength" }, el("label", { for: id }, "Strength of the heat map"), slider), caption());
}
