/** Elements from a tag, attributes and children. Data only ever becomes text: nothing here parses HTML. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Object} attributes true: present without a value; false, null, undefined: absent; `on`: {event: listener}.
 * @param children nodes, texts, arrays of both; null and false are left out.
 */
export function el(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same for a tag of SVG. */
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...kept(children));
  return node;
}

/** A button that submits nothing. @param {() => void} pressed */
export function button(said, pressed, kind = "plain") {
  return el("button", { type: "button", class: kind, on: { click: () => pressed() } }, said);
}

/** Put in place of all that a node holds. */
export function fill(node, ...children) {
  node.replaceChildren(...kept(children));
  return node;
}

function kept(children) {
  return children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false);
}

let count = 0;

/** An id that no other element has. */
export function newId(word) {
  count += 1;
  return `${word}-${count}`;
}

/** A length between 0 and 1 as the CSS variable `name` of a node: the policy of the page allows no style attribute. */
export function share(node, value, name = "--share") {
  node.style.setProperty(name, String(Math.min(1, Math.max(0, value))));
  return node;
}
