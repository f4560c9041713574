// Book drafts: what is typed in an entry and not saved yet, kept in this tab; neither Esc nor a reload loses it.

import { inThisTab } from "browser_store";

/** By entry; 0 is the new one. */
export class EntryDrafts {
  /** @param {string} book */
  constructor(book) {
    this.key = `book-drafts:${book}`;
    this.kept = /** @type {Record<string, Entry>} */ (inThisTab.get(this.key) ?? {});
  }
  get ids() {
    return new Set(Object.keys(this.kept).map(Number));
  }
  /** @param {number} id @returns {Entry | undefined} */
  of(id) {
    return this.kept[id];
  }
  /** Null: nothing is to be kept of it any more. @param {number} id @param {Entry | null} values */
  keep(id, values) {
    if (!values && !this.kept[id]) return;
    const { [id]: _before, ...others } = this.kept;
    this.kept = values ? { ...others, [id]: values } : others;
    if (Object.keys(this.kept).length) inThisTab.set(this.key, this.kept);
    else inThisTab.remove(this.key);
  }
}
