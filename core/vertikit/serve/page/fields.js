/** A field of the form for a column: label, help, bounds, control, and a place for what is wrong with it. */

import { el, newId } from "./elements.js";
import { pictureControl } from "./picture.js";
import { capital, figure, sentence, words } from "./wording.js";

const LONG = 160;
const FEW = 40;

/**
 * @typedef {Object} Field
 * @property {Element} element
 * @property {() => {value?: any, wrong?: string}} read the value, undefined where there is none; or what is wrong.
 * @property {(value: any) => void} write
 * @property {(what: string, todo?: string) => void} complain
 * @property {() => void} hush
 * @property {() => void} focus
 */

/**
 * @param {{name: string, type: string, modality: string, required: boolean, help: string, schema: Object}} column
 * @param {any} example a value of the column, by which the control is chosen.
 * @param {() => void} changed
 * @returns {Field}
 */
export function field(column, example, changed) {
  const id = newId("field");
  const schema = column.schema ?? {};
  const help = hint(column, schema);
  const describedby = [help && `${id}-help`, `${id}-wrong`].filter(Boolean).join(" ");
  const control = chosen(column, schema, example)({
    id, "aria-describedby": describedby, "aria-required": column.required ? "true" : null,
  }, changed);
  const wrong = el("p", { class: "wrong", id: `${id}-wrong` });
  const element = el(
    "div", { class: `field ${control.kind}`, "data-column": column.name },
    el("label", { for: id }, capital(words(column.name)),
      !column.required && el("span", { class: "optional" }, "optional")),
    help && el("p", { class: "help", id: `${id}-help` }, help),
    control.element, wrong,
  );
  const input = control.input;
  const hush = () => {
    input.removeAttribute("aria-invalid");
    element.classList.remove("invalid");
    wrong.replaceChildren();
  };
  input.addEventListener("input", () => { hush(); changed(); });
  return {
    column,
    element,
    hush,
    write: (value) => { control.write(value); hush(); },
    focus: () => input.focus(),
    read() {
      const { value, wrong: badly } = control.read();
      if (badly) return { wrong: badly };
      const lacks = value === undefined && column.required;
      return lacks ? { wrong: `${capital(words(column.name))} is needed.` } : { value };
    },
    complain(what, todo = "") {
      input.setAttribute("aria-invalid", "true");
      element.classList.add("invalid");
      wrong.replaceChildren([sentence(about(column, what)), todo && sentence(todo)].filter(Boolean).join(" "));
    },
  };
}

/** The server says "is missing" of a field that it names: on the page the name stands before it. */
function about(column, what) {
  return /^[a-z]/.test(what) ? `${words(column.name)} ${what}` : what;
}

function hint(column, schema) {
  const { minimum, maximum } = schema;
  const bounds = minimum !== undefined && maximum !== undefined ? `From ${figure(minimum)} to ${figure(maximum)}.`
    : minimum !== undefined ? `At least ${figure(minimum)}.`
      : maximum !== undefined ? `At most ${figure(maximum)}.` : "";
  // of a picture the rest of the help says where a table would name its file
  const help = column.modality === "image" ? column.help?.split(":")[0] : column.help;
  return [help && sentence(help), bounds].filter(Boolean).join(" ");
}

function chosen(column, schema, example) {
  if (column.modality === "image" || column.type === "image") return pictureControl;
  if (column.type === "number" || schema.type === "number" || schema.type === "integer") {
    return (own, changed) => number(own, schema, changed);
  }
  if (Array.isArray(schema.enum) && schema.enum.length <= FEW) return (own) => choice(own, schema.enum);
  if (schema.format === "date-time" && isLocal(example)) return moment;
  if (column.type === "text") return (own) => passage(own, example);
  return (own) => line(own, schema.enum ?? schema.examples);
}

/** Free texts go nowhere but to the server, so neither a spelling service nor a memory of forms may read them. */
const QUIET = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };

function passage(own, example) {
  const rows = String(example ?? "").length > LONG ? 7 : 3;
  const input = el("textarea", { ...own, ...QUIET, rows });
  return { kind: "long", element: input, input, ...plain(input) };
}

function line(own, known) {
  const input = el("input", { ...own, ...QUIET, type: "text" });
  if (!Array.isArray(known)) return { kind: "short", element: input, input, ...plain(input) };
  const list = el("datalist", { id: `${own.id}-known` }, known.slice(0, 500).map((value) => el("option", { value })));
  input.setAttribute("list", list.id);
  return { kind: "short", element: el("div", {}, input, list), input, ...plain(input) };
}

function choice(own, values) {
  const input = el("select", { ...own, autocomplete: "off" }, el("option", { value: "" }, "–"),
    values.map((value) => el("option", { value }, String(value))));
  return { kind: "short", element: input, input, ...plain(input) };
}

function number(own, { minimum, maximum, type }) {
  const input = el("input", {
    ...own, ...QUIET, type: "number", inputmode: "decimal", step: type === "integer" ? 1 : "any",
    min: minimum, max: maximum,
  });
  return {
    kind: "short", element: input, input,
    write: (value) => { input.value = value ?? ""; },
    read() {
      if (input.validity.badInput) return { wrong: "This is no number." };
      if (input.value === "") return { value: undefined };
      const value = Number(input.value);
      if (minimum !== undefined && value < minimum) return { wrong: `This lies below ${figure(minimum)}.` };
      if (maximum !== undefined && value > maximum) return { wrong: `This lies above ${figure(maximum)}.` };
      return { value };
    },
  };
}

function isLocal(example) {
  return example === undefined || example === null || /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?$/.test(String(example));
}

function moment(own) {
  const input = el("input", { ...own, autocomplete: "off", type: "datetime-local", step: 1 });
  return {
    kind: "short", element: input, input,
    write(value) {
      const text = String(value ?? "").replace(" ", "T");
      input.value = text && !text.includes("T") ? `${text}T00:00` : text;
    },
    read: () => (input.validity.badInput
      ? { wrong: "This is no date with a time." } : { value: input.value || undefined }),
  };
}

function plain(input) {
  return {
    write: (value) => { input.value = value ?? ""; },
    read: () => ({ value: input.value.trim() === "" ? undefined : input.value }),
  };
}
