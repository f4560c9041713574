// Book drafts: what is typed in an entry and not saved yet, kept in this tab; neither Esc nor a reload loses it.

import { inThisTab } from "browser_store";

/** By entry; 0 is the new one, and below are those that became no entry. */
export class EntryDrafts {
  /** @param {string} book */
  constructor(book) {
    this.key = `book-drafts:${book}`;
    this.kept = /** @type {Record<string, EntryDraft>} */ (inThisTab.get(this.key) ?? {});
  }
  get ids() {
    return new Set(Object.keys(this.kept).map(Number));
  }
  /** The place of one whose entry is gone, deleted elsewhere perhaps; 0: none is. @param {readonly BookRow[]} rows */
  orphan(rows) {
    const there = new Set(rows.map(({ id }) => id));
    return [...this.ids].find((id) => id && !there.has(id)) ?? 0;
  }
  /** @param {number} place @returns {EntryDraft | undefined} */
  of(place) {
    return this.kept[place];
  }
  /** Null: nothing is to be kept of it any more. @param {number} place @param {EntryDraft | null} draft */
  keep(place, draft) {
    if (!draft && !this.kept[place]) return;
    const { [place]: _before, ...others } = this.kept;
    this.kept = draft ? { ...others, [place]: draft } : others;
    if (Object.keys(this.kept).length) inThisTab.set(this.key, this.kept);
    else inThisTab.remove(this.key);
  }
  /** @param {EntrySave} sent */
  isStill({ place, values }) {
    return JSON.stringify(this.kept[place]?.values) === JSON.stringify(values);
  }
  /** It is saved: what was typed since stays. @param {EntrySave} sent */
  saved(sent) {
    if (this.isStill(sent)) this.keep(sent.place, null);
  }
  /** It was refused: if another new one was begun in its place meanwhile, it is kept beside that. @param {EntrySave} sent */
  refused(sent) {
    if (sent.place || this.isStill(sent)) return;
    this.keep(Math.min(0, ...this.ids) - 1, { values: sent.values, version: "" });
  }
}
