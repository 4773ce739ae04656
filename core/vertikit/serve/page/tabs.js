/** Tabs as the ARIA practices have them: arrows move, one tab stop, a panel each. */

import { el, newId } from "./elements.js";

/**
 * @param {string} label what the tabs are of.
 * @param {Array<{key: string, name: string, panel: () => Node}>} entries; a panel is made when it is first shown.
 * @param {string} chosen key of the first one shown.
 * @param {(key: string) => void} shown told of each change.
 */
export function tabs(label, entries, chosen, shown) {
  const made = entries.map((entry) => {
    const id = newId("tab");
    const panel = el("div", { role: "tabpanel", id: `${id}-panel`, "aria-labelledby": id, hidden: true });
    const tab = el("button", {
      type: "button", role: "tab", id, "aria-controls": panel.id, "data-key": entry.key,
      on: { click: () => show(entry.key) },
    }, entry.name);
    return { ...entry, tab, panel, make: entry.panel, filled: false };
  });
  const list = el("div", { role: "tablist", "aria-label": label, on: { keydown: moved } }, made.map(({ tab }) => tab));

  function show(key, quiet = false) {
    for (const each of made) {
      const on = each.key === key;
      each.tab.setAttribute("aria-selected", String(on));
      each.tab.tabIndex = on ? 0 : -1;
      each.panel.hidden = !on;
      if (on && !each.filled) {
        each.filled = true;
        each.panel.append(each.make());
      }
    }
    if (!quiet) shown(key);
  }

  function moved(event) {
    const at = made.findIndex(({ tab }) => tab === document.activeElement);
    const to = {
      ArrowRight: (at + 1) % made.length, ArrowLeft: (at - 1 + made.length) % made.length,
      Home: 0, End: made.length - 1,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(made[to].key);
    made[to].tab.focus();
  }

  show(made.some((each) => each.key === chosen) ? chosen : made[0].key, true);
  return el("div", { class: "tabs" }, list, made.map(({ panel }) => panel));
}
