/** Tables as text: read as a spreadsheet pastes or saves them, written so that a spreadsheet runs nothing. */

const STARTS = ["=", "+", "-", "@", "\t", "\r", "\n"];

/**
 * Cells of CSV or TSV (RFC 4180: quoted cells may hold separators, line ends and doubled quotes).
 * @returns {string[][]} rows; lines that hold nothing are left out.
 */
export function parse(text) {
  const source = text.replace(/^\uFEFF/, "");
  const separator = separatorOf(source);
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  let began = true; // at the beginning of a cell: only there a quote opens
  const endCell = () => { row.push(cell); cell = ""; began = true; };
  const endRow = () => {
    endCell();
    if (row.some((each) => each.trim() !== "")) rows.push(row);
    row = [];
  };
  for (let at = 0; at < source.length; at += 1) {
    const sign = source[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (source[at + 1] === '"') { cell += '"'; at += 1; } else quoted = false;
    } else if (sign === '"' && began) { quoted = true; began = false; } else if (sign === separator) endCell();
    else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && source[at + 1] === "\n") at += 1;
      endRow();
    } else { cell += sign; began = false; }
  }
  if (cell !== "" || row.length) endRow();
  return rows;
}

/** The separator that the first line has most of, outside quotes. */
function separatorOf(source) {
  const first = source.replace(/"(?:[^"]|"")*"/g, "").split(/\r?\n|\r/, 1)[0];
  const counted = ["\t", ";", ","].map((sign) => [first.split(sign).length - 1, sign]);
  const [most, sign] = counted.reduce((best, each) => (each[0] > best[0] ? each : best));
  return most ? sign : ",";
}

/** CSV of rows of cells. */
export function written(rows) {
  return `${rows.map((row) => row.map(cellOf).join(",")).join("\r\n")}\r\n`;
}

function cellOf(value) {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? harmless(value) : String(value);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The text, with an apostrophe before one that a spreadsheet would run (OWASP, CSV injection); numbers stay. */
export function harmless(text) {
  const runs = STARTS.some((sign) => text.startsWith(sign));
  return runs && !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? `'${text}` : text;
}
