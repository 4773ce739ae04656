/** Requests to the server this page came from: key, time-out, and patience when it has too much to do. */

import { askForKey, currentKey } from "./key.js";
import { Problem, problemOf } from "./problem.js";

const TIMEOUT = 60_000;
const TRIES = 4;
const LONGEST_WAIT = 20;

/** An address that the server gave, beside this page: a proxy may have put both under a folder. */
function beside(link) {
  return new URL(String(link).replace(/^\/+/, ""), document.baseURI);
}

/**
 * @param {string} link such as "/v1/tasks".
 * @param {{json?: any, form?: FormData, timeout?: number, signal?: AbortSignal, waiting?: (seconds: number) => void}}
 *     how what is sent, milliseconds to wait, and who is told when a busy server asks for patience.
 * @returns {Promise<Response>} one with a good status.
 * @throws {Problem} for any other; an AbortError where `signal` ended it.
 */
export async function ask(link, how = {}) {
  for (let tried = 1; ; tried += 1) {
    const key = currentKey();
    const response = await once(beside(link), key, how);
    if (response.ok) return response;
    if (response.status === 401 && await askForKey(key !== "" && key === currentKey())) {
      tried -= 1; // another key is another request
      continue;
    }
    const seconds = wait(response);
    if (seconds === null || tried >= TRIES) throw await problemOf(response);
    how.waiting?.(seconds);
    await pause(seconds, how.signal);
  }
}

/** The same, and its JSON. */
export async function askJson(link, how) {
  const response = await ask(link, how);
  try {
    return await response.json();
  } catch {
    throw new Problem(502, { what: "The server's answer cannot be read", todo: "Try again." });
  }
}

async function once(address, key, { json, form, timeout = TIMEOUT, signal }) {
  const ended = new AbortController();
  const stop = () => ended.abort();
  let late = false;
  const clock = setTimeout(() => { late = true; ended.abort(); }, timeout);
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  const headers = { Accept: "application/json, text/markdown" };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch(address, {
      method: json === undefined && form === undefined ? "GET" : "POST",
      body: json === undefined ? form : JSON.stringify(json),
      headers,
      signal: ended.signal,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch (error) {
    if (late) throw new Problem(504, { what: `No answer came within ${Math.round(timeout / 1000)} seconds` });
    if (signal?.aborted) throw error;
    throw new Problem(0);
  } finally {
    clearTimeout(clock);
    signal?.removeEventListener("abort", stop);
  }
}

/** Seconds that a busy server asks to wait, where it is worth waiting; else null. */
function wait(response) {
  if (response.status !== 429 && response.status !== 503) return null;
  const told = response.headers.get("Retry-After");
  const seconds = told === null ? NaN : /^\d+$/.test(told) ? Number(told) : (Date.parse(told) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds <= LONGEST_WAIT ? Math.max(seconds, 0.5) : null;
}

function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const clock = setTimeout(resolve, seconds * 1000);
    signal?.addEventListener("abort", () => {
      clearTimeout(clock);
      reject(new DOMException("ended", "AbortError"));
    });
  });
}
