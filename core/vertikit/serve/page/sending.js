/** A row as it goes to the server. */

/** JSON, or a form where the row holds files. @param {Map<string, any>} row */
export function body(row) {
  if (![...row.values()].some((value) => value instanceof Blob)) return { json: { row: Object.fromEntries(row) } };
  const parts = new FormData();
  for (const [name, value] of row) {
    if (value instanceof Blob) parts.append(name, value, value.name || name);
    else parts.append(name, String(value));
  }
  return { form: parts };
}
