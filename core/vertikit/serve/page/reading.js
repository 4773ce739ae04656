/** What the keys of an answer mean: `<target>`, `<target>.p.<label>`, `<target>.q05`, decision, and the rest. */

const ABSTAINS = /^(abstain|abstains)$/i;
const RANKED = /^(.+) (\d(?:\.\d+)?)$/;

/** A class in words: that of a flag which is not so is called "not", and alone says nothing. */
export function called(task, label) {
  return label === "not" ? `not ${task.target.replaceAll("_", " ")}` : String(label);
}

/** [{label, p}], the likeliest first; empty where the answer has none. */
export function probabilities(task, answer) {
  const start = `${task.target}.p.`;
  return Object.entries(answer)
    .filter(([key, value]) => key.startsWith(start) && Number.isFinite(value))
    .map(([key, value]) => ({ label: key.slice(start.length), p: value }))
    .sort((one, other) => other.p - one.p);
}

/** {value, low, high} of a number with its 90 % interval (NaN where there is none); null of anything else. */
export function quantity(task, answer) {
  const value = answer[task.target];
  if (typeof value !== "number") return null;
  return { value, low: answer[`${task.target}.q05`] ?? NaN, high: answer[`${task.target}.q95`] ?? NaN };
}

/**
 * The decision as a headline and what follows it. A ranked decision ("asthma 0.61; pneumonia 0.20") is its first name,
 * then the others; its figures stand in the bars below.
 * @returns {{first: string, then: string[], abstains: boolean}}
 */
export function decided(task, answer) {
  const decision = String(answer.decision ?? answer[task.target] ?? "").trim();
  const labels = new Set([...(task.labels ?? []), ...probabilities(task, answer).map(({ label }) => label)]);
  const parts = decision.split("; ").map((part) => RANKED.exec(part)).filter((found) => found && labels.has(found[1]));
  if (parts.length && parts.length === decision.split("; ").length) {
    const then = parts.slice(1).filter((found) => Number(found[2]) >= 0.01).map((found) => found[1]);
    return { first: parts[0][1], then, abstains: false };
  }
  return { first: decision, then: [], abstains: ABSTAINS.test(decision) };
}

/** Entries of the answer that have no place of their own, such as remarks: [[key, value]]. */
export function further(task, answer) {
  const own = new Set(["row", "rows", "id", "truth", "source", "decision", "reason", "error", task.target]);
  const start = `${task.target}.`;
  const machinery = (key) => ["p.", "q05", "q95", "spread"].some((word) => key.startsWith(start + word));
  return Object.entries(answer).filter(([key, value]) => (
    !own.has(key) && !machinery(key) && value !== null && value !== "" && typeof value !== "object"
  ));
}
