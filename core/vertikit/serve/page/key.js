/** The API key: asked for when the server wants one, kept for this tab alone. */

import { el, newId } from "./elements.js";

const PLACE = "vertikit-key";
let asking = null;

export function currentKey() {
  try {
    return sessionStorage.getItem(PLACE) ?? "";
  } catch {
    return ""; // a browser that stores nothing asks again after each reload
  }
}

export function keepKey(key) {
  try {
    if (key) sessionStorage.setItem(PLACE, key);
    else sessionStorage.removeItem(PLACE);
  } catch {
    // see above
  }
  document.dispatchEvent(new CustomEvent("keychange"));
}

/**
 * Ask for the key, once for all requests that wait for one.
 * @param {boolean} refused whether a key was sent and not taken.
 * @returns {Promise<boolean>} whether one was given.
 */
export function askForKey(refused) {
  if (refused) keepKey("");
  asking ??= asked(refused).finally(() => { asking = null; });
  return asking;
}

function asked(refused) {
  const id = newId("key");
  const input = el("input", {
    id, type: "password", autocomplete: "off", spellcheck: "false", required: true,
    "aria-describedby": `${id}-help`, "aria-invalid": refused ? "true" : null,
  });
  const form = el(
    "form", { method: "dialog" },
    el("h2", { id: `${id}-title` }, "This server wants a key"),
    el("p", { id: `${id}-help`, class: refused ? "wrong" : "soft" },
      refused ? "It did not take the key. Check it, or ask those who run the server."
        : "Those who run it have one for you. It is kept until this tab is closed."),
    el("label", { for: id }, "API key"), input,
    el("div", { class: "buttons" },
      el("button", { class: "main", value: "given" }, "Go on"),
      el("button", { type: "button", class: "plain", on: { click: () => dialog.close("") } }, "Not now")),
  );
  const dialog = el("dialog", { class: "key", "aria-labelledby": `${id}-title` }, form);
  document.body.append(dialog);
  const before = document.activeElement;
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      const given = dialog.returnValue === "given" && input.value.trim() !== "";
      if (given) keepKey(input.value.trim());
      dialog.remove();
      if (before instanceof HTMLElement) before.focus();
      resolve(given);
    });
    dialog.showModal();
    input.focus();
  });
}
