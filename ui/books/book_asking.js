// Book requests: actions on a book that the server has not answered yet, fetching the book, and uploads.

import { rowsOf } from "book_rows";
import { PATIENCE, newId } from "text_box";

export class BookRequests {
  /** @param {(asked: BookAct & { key: string }) => void} send @param {string} late the error if no answer comes */
  constructor(send, late) {
    this.send = send;
    this.late = late;
    this.count = 0;
    this.waiting = /** @type {Map<string, (answer: BookAnswer) => void>} */ (new Map());
  }
  /** @param {string} name @param {number[]} ids @param {Record<string, unknown>} values @returns {Promise<BookAnswer>} */
  ask(name, ids = [], values = {}) {
    const key = newId();
    return new Promise((resolve) => {
      this.waiting.set(key, resolve);
      this.count = this.waiting.size;
      setTimeout(() => this.answered(key, { error: this.late }), PATIENCE);
      this.send({ name, ids, values, key });
    });
  }
  /** @param {string} key @param {BookAnswer} answer */
  answered(key, answer) {
    this.waiting.get(key)?.(answer);
    this.waiting.delete(key);
    this.count = this.waiting.size;
  }
}

const address = (/** @type {string} */ path) => (window.path_prefix || "") + path;

/** The answer's JSON; null if there is none, which the caller reports. @param {string} path @returns {Promise<any>} */
export async function fetched(path) {
  try {
    const told = await fetch(address(path), { headers: { Accept: "application/json" } });
    return told.status === 200 ? await told.json() : null;
  } catch {
    return null; // no network, or no JSON
  }
}

/** The book and all rows loaded so far, after each page; null if loading fails. @param {string} path
 * @returns {AsyncGenerator<{ book: BookShown; rows: readonly BookRow[]; more: boolean } | null>} */
export const bookPages = async function* (path) {
  let rows = /** @type {BookRow[]} */ ([]);
  for (let more = true; more; ) {
    const told = await fetched(`${path}?offset=${rows.length}`);
    if (!told) return yield null;
    rows = [...rows, ...rowsOf(told.entries)];
    more = told.more;
    yield { book: told.book, rows: Object.freeze(rows), more };
  }
};

/** Idempotency key of each file whose answer was lost: sent again, it is imported once. @type {Map<string, string>} */
const unanswered = new Map();

/** Uploads a file; returns what the server says, or nothing if it does not answer. @param {string} path @param {File} file
 * @returns {Promise<{ words?: string; url?: string; error?: string }>} */
export async function sendFile(path, file) {
  const sent = [path, file.name, file.size, file.lastModified].join("/");
  const key = unanswered.get(sent) ?? newId();
  unanswered.set(sent, key);
  try {
    const headers = { "Content-Type": "application/octet-stream", Accept: "application/json" };
    const told = new URLSearchParams({ name: file.name, client_id: key });
    const answer = await (await fetch(`${address(path)}?${told}`, { method: "POST", headers, body: file })).json();
    unanswered.delete(sent);
    return answer;
  } catch {
    return {}; // no network, or no JSON
  }
}
