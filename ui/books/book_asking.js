// Book requests: what the server was asked to do with a book, and has not answered yet.

import { PATIENCE, newId } from "text_box";

export class BookRequests {
  /** @param {(asked: BookAct & { key: string }) => void} send @param {string} late what is said if no answer comes */
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
