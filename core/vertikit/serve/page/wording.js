/** Names and figures as a reader takes them in. */

const CAPITALS = new Map(
  ["f1", "auroc", "auprc", "auc", "roc", "ece", "qwk", "rmse", "mae", "mse", "pr", "id", "aupro", "r2"]
    .map((word) => [word, word.toUpperCase()]),
);
const MINUS = "−";

/** A name of a column or a metric in words: "macro_f1" is "macro F1". */
export function words(name) {
  return String(name).replaceAll("_", " ").trim()
    .split(/\s+/).map((word) => CAPITALS.get(word) ?? word).join(" ");
}

/** A sentence or a name that begins with a capital. */
export function capital(text) {
  const all = Array.from(String(text));
  return all.length ? all[0].toUpperCase() + all.slice(1).join("") : "";
}

/** A sentence that ends. */
export function sentence(text) {
  const whole = capital(String(text).trim());
  return !whole || /[.!?…]$/.test(whole) ? whole : `${whole}.`;
}

/** A probability: more digits where they tell something. */
export function percent(value) {
  const share = 100 * value;
  if (share > 0 && share < 0.05) return "< 0.1 %";
  if (share < 100 && share > 99.95) return "> 99.9 %";
  return `${share.toFixed(share < 10 || share > 90 ? 1 : 0).replace(/\.0$/, "")} %`;
}

/** A number in up to four significant digits. */
export function figure(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  const digits = size >= 1e4 ? 0 : size >= 1000 ? 1 : size >= 100 ? 1 : size >= 1 ? 2 : 3;
  const text = size !== 0 && (size < 1e-3 || size >= 1e12)
    ? value.toExponential(2)
    : value.toLocaleString("en", { maximumFractionDigits: digits });
  return text.replaceAll("-", MINUS);
}

/** A score: always three decimals, so that scores stand under each other. */
export function score(value) {
  if (!Number.isFinite(value)) return "–";
  return (Math.abs(value) < 100 ? value.toFixed(3) : figure(value)).replace("-", MINUS);
}

/** A count with its noun: "1 row", "1,200 rows". */
export function several(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A size of a file. */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${(bytes / 1000).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
