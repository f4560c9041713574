// Book search: the rows of the table are searched at once; the full entries are searched by the server.

import { fetched } from "book_asking";
import { foldedFor } from "book_rows";

const AFTER = 250; // ms without a key press

export class BookSearch {
  constructor() {
    this.deeper = /** @type {Set<number>} */ (new Set());
    this.timer = 0;
    this.asked = 0;
  }
  /** @param {readonly BookRow[]} rows @param {string} query */
  of(rows, query) {
    const sought = foldedFor(query);
    return sought ? rows.filter((row) => row.sought.includes(sought) || this.deeper.has(row.id)) : rows;
  }
  /** @param {string} book its address @param {string} query */
  typed(book, query) {
    this.end();
    this.deeper = new Set();
    if (book && foldedFor(query)) this.timer = setTimeout(() => this.ask(book, query), AFTER);
  }
  /** @param {string} book @param {string} query */
  async ask(book, query) {
    const { asked } = this;
    const told = await fetched(`${book}/found?q=${encodeURIComponent(query)}`);
    if (told && asked === this.asked) this.deeper = new Set(told.ids);
  }
  end() {
    this.asked++;
    clearTimeout(this.timer);
  }
}
