// Book drafts: unsaved text of entries, kept in this tab, so that neither Esc nor a reload loses it.

import { inThisTab } from "browser_store";

/** By the id of the entry. 0 is the new entry; negative places are new entries that the server refused. */
export class EntryDrafts {
  /** @param {string} book */
  constructor(book) {
    this.key = `book-drafts:${book}`;
    this.kept = /** @type {Record<string, EntryDraft>} */ (inThisTab.get(this.key) ?? {});
  }
  get ids() {
    return new Set(Object.keys(this.kept).map(Number));
  }
  /** The place of a draft whose entry was deleted elsewhere or was never stored; 0 if there is none. */
  /** @param {readonly BookRow[]} rows */
  orphan(rows) {
    const there = new Set(rows.map(({ id }) => id));
    return [...this.ids].find((id) => id && !there.has(id)) ?? 0;
  }
  /** @param {number} place @returns {EntryDraft | undefined} */
  of(place) {
    return this.kept[place];
  }
  /** Keeps a draft; null removes it. @param {number} place @param {EntryDraft | null} draft */
  keep(place, draft) {
    if (!draft && !this.kept[place]) return;
    const { [place]: _before, ...others } = this.kept;
    this.kept = draft ? { ...others, [place]: draft } : others;
    if (Object.keys(this.kept).length) inThisTab.set(this.key, this.kept);
    else inThisTab.remove(this.key);
  }
  /** Whether the draft is still what was sent. @param {EntrySave} sent */
  isStill({ place, values }) {
    return JSON.stringify(this.kept[place]?.values) === JSON.stringify(values);
  }
  /** The entry was saved: its draft goes, unless more was typed since. @param {EntrySave} sent */
  saved(sent) {
    if (this.isStill(sent)) this.keep(sent.place, null);
  }
  /** The entry was refused: if another new entry was begun in its place meanwhile, both are kept. @param {EntrySave} sent */
  refused(sent) {
    if (sent.place || this.isStill(sent)) return;
    this.keep(Math.min(0, ...this.ids) - 1, { values: sent.values, version: "" });
  }
}
