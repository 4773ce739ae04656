/** The control of a picture: a place to drop a file on, to click, or to reach by Tab and Enter; with a preview. */

import { button, el, fill } from "./elements.js";
import { size } from "./wording.js";

const SHOWN = /^image\/(png|jpeg|gif|webp|bmp|avif)$/;
const ACCEPTED = "image/*,.dcm,.nii,.gz,.tif,.tiff,.npy";

export function pictureControl(own, changed) {
  const input = el("input", { ...own, type: "file", accept: ACCEPTED, class: "unseen" });
  const shown = el("div", { class: "preview" });
  const area = el("div", { class: "drop", on: { click: () => input.click() } }, shown);
  const remove = button("Remove the picture", cleared, "plain small");
  let file = null;
  let address = "";

  function take(next) {
    if (address) URL.revokeObjectURL(address);
    file = next;
    address = file && SHOWN.test(file.type) ? URL.createObjectURL(file) : "";
    remove.hidden = !file;
    area.classList.toggle("filled", Boolean(file));
    fill(shown, file ? seen() : invitation());
  }

  function seen() {
    const told = el("span", { class: "told" }, `${file.name || "picture"}, ${size(file.size)}`);
    if (!address) return [told, el("span", { class: "soft" }, "Browsers cannot show this kind; the server reads it.")];
    const picture = el("img", {
      src: address, alt: "The picture to be read",
      on: { error: () => picture.replaceWith(el("span", { class: "soft" }, "The browser cannot show it.")) },
    });
    return [picture, told];
  }

  function cleared() {
    input.value = "";
    take(null);
    changed();
    input.focus();
  }

  function given(files) {
    if (!files?.length) return;
    take(files[0]);
    input.dispatchEvent(new Event("input"));
  }

  input.addEventListener("change", () => { take(input.files[0] ?? null); });
  for (const [event, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    area.addEventListener(event, (dragged) => {
      dragged.preventDefault();
      area.classList.toggle("over", over);
    });
  }
  area.addEventListener("drop", (dropped) => given(dropped.dataTransfer?.files));
  take(null);

  return {
    kind: "long",
    element: el("div", { class: "picture" }, input, area, remove),
    input,
    read: () => ({ value: file ?? undefined }),
    write(value) {
      input.value = "";
      take(value instanceof Blob ? value : fileOf(value));
    },
  };
}

function invitation() {
  return [
    el("span", { class: "told" }, "Drop a picture here, or ", el("span", { class: "link" }, "choose a file")),
    el("span", { class: "soft" }, "PNG, JPEG, TIFF, DICOM or NIfTI"),
  ];
}

/** The file of a data: URL, which is how an example brings its picture; null for anything else. */
function fileOf(value) {
  const found = /^data:([\w/+.-]+);base64,([A-Za-z0-9+/=\s]+)$/.exec(typeof value === "string" ? value : "");
  if (!found) return null;
  const bytes = Uint8Array.from(atob(found[2].replace(/\s/g, "")), (sign) => sign.charCodeAt(0));
  return new File([bytes], `example.${found[1].split("/")[1]}`, { type: found[1] });
}
