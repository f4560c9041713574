// Dialog search (as you type): asks while somebody types, and shows the results in place of the list.


const PAUSE = 150; // ms without a key press before the server is asked (debounce)

/** Normalises text for comparison: case-insensitive, ё as е. Positions stay those of the text. */
const fold = (/** @type {string} */ text) => text.toLowerCase().replaceAll("ё", "е");

const LETTER = /[a-zа-я]/;

/** A search word as the server looks for it (storage/text_search.py): its stem, and its ending if it has one.
 * @typedef {[stem: string, ending?: string]} SearchWord
 */

/** The first place of a word from `at` on, as its beginning and end; for another form of it, all of that form. */
/** @param {string} folded @param {SearchWord} word @param {number} at @returns {[number, number]} */
function placeOf(folded, [stem, ending], at) {
  const typed = folded.indexOf(stem + (ending ?? ""), at);
  const asTyped = /** @type {[number, number]} */ ([typed, typed + stem.length + (ending ?? "").length]);
  if (!ending) return asTyped;
  let begun = folded.indexOf(stem, at);
  while (begun > 0 && LETTER.test(folded[begun - 1])) begun = folded.indexOf(stem, begun + 1);
  if (begun < 0 || (typed >= 0 && typed <= begun)) return asTyped;
  let end = begun + stem.length;
  while (end < folded.length && LETTER.test(folded[end])) end++;
  return [begun, end];
}

/** Highlighting: the text in pieces, those marked that match one of the words. */
/** @param {string} text @param {SearchWord[]} words */
function marked(text, words) {
  const folded = fold(text);
  if (!words.length || folded.length !== text.length) return [{ text, hit: false }];
  const pieces = /** @type {{ text: string; hit: boolean }[]} */ ([]);
  let at = 0;
  while (at < text.length) {
    const [next, end] = words
      .map((each) => placeOf(folded, each, at))
      .filter(([place]) => place >= 0)
      .reduce((best, each) => (each[0] < best[0] ? each : best), [text.length, text.length]);
    if (next > at) pieces.push({ text: text.slice(at, next), hit: false });
    if (end > next) pieces.push({ text: text.slice(next, end), hit: true });
    at = end;
  }
  return pieces;
}

/** @typedef {{ dialogs: DialogLine[]; said?: string; note?: string; words?: SearchWord[] }} DialogPage ui/chat/dialog_feed.py */

export class Search {
  /** `ask` fetches lines, null when that failed; `failed` is the message. */
  /** @param {(query: string) => Promise<DialogPage | null>} ask @param {string} failed */
  constructor(ask, failed) {
    this.ask = ask;
    this.failed = failed;
    this.query = "";
    this.found = /** @type {DialogLine[] | null} */ (null);
    this.said = "";
    this.words = /** @type {SearchWord[]} */ ([]);
    this.searches = 0;
    this.pausing = 0;
  }
  /** @param {string} query */
  write(query) {
    this.query = query;
    this.searches++; // a pending answer is no longer wanted
    clearTimeout(this.pausing);
    if (query.trim()) this.pausing = setTimeout(() => this.search(), PAUSE);
    else Object.assign(this, { found: null, said: "" });
  }
  /** Searches for the current words, however fast they were typed; false when they have changed meanwhile. */
  async searchNow() {
    clearTimeout(this.pausing);
    return !this.query.trim() || (await this.search());
  }
  async search() {
    const mine = ++this.searches;
    const answer = await this.ask(`?search=${encodeURIComponent(this.query)}`);
    if (mine !== this.searches) return false;
    this.words = answer?.words ?? [];
    this.found = answer?.dialogs ?? [];
    this.said = answer?.said ?? this.failed;
    return true;
  }
  /** Changed lines, and deleted dialogs. @param {Map<number, DialogLine>} changed @param {number[]} gone */
  follow(changed, gone) {
    this.found &&= this.found
      .filter(({ id }) => !gone.includes(id))
      .map((item) => ({ ...item, ...changed.get(item.id), snippet: item.snippet, found: item.found }));
  }
  /** @param {string} text */
  marked(text) {
    return marked(text, this.found ? this.words : []);
  }
  end() {
    clearTimeout(this.pausing);
  }
}
