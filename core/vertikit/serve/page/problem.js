/** What went wrong with a request, in the words of the server (problem+json, RFC 9457) or in ours. */

const OURS = {
  0: ["The server cannot be reached", "Check that it still runs and that this machine has a network, then try again."],
  401: ["A key is needed", "Reload the page to give one."],
  403: ["This key may not do that", "Ask those who run the server."],
  404: ["This is no longer served", "Go back to the list of tasks."],
  408: ["The request took too long", "Try again, or send less at once."],
  413: ["That is more than the server takes at once", "Send fewer rows, or a smaller file."],
  429: ["The server has too much to do", "Try again in a moment."],
  500: ["The server failed", "Try again; if it stays so, tell those who run it."],
  503: ["The server is not ready", "Try again in a moment."],
  504: ["No answer came in time", "Try again, or send less at once."],
};

export class Problem extends Error {
  /**
   * @param {number} status of HTTP; 0 where no answer came.
   * @param {{what?: string, todo?: string, errors?: Array, request?: string}} told
   */
  constructor(status, { what = "", todo = "", errors = [], request = "" } = {}) {
    const [ownWhat, ownTodo] = OURS[status] ?? OURS[status >= 500 ? 500 : 0];
    super(what || ownWhat);
    this.name = "Problem";
    this.status = status;
    this.what = what || ownWhat;
    this.todo = todo || (what && status < 500 && status ? "" : ownTodo);
    this.errors = errors;
    this.request = request;
  }
}

/** The problem that a response tells, whatever its body is. */
export async function problemOf(response) {
  let told = {};
  try {
    told = (await response.json()) ?? {};
  } catch {
    // a proxy's own page: its status says enough
  }
  const errors = Array.isArray(told.errors)
    ? told.errors.map((each) => ({
      field: text(each?.field), what: text(each?.what), todo: text(each?.do),
    }))
    : [];
  const loose = errors.find((each) => !each.field);
  return new Problem(response.status, {
    what: text(told.detail) || text(told.title) || loose?.what,
    todo: loose?.todo,
    errors,
    request: response.headers.get("X-Request-ID") ?? text(told.request_id),
  });
}

function text(value) {
  return typeof value === "string" ? value : "";
}
