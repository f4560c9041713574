// @ts-nocheck: what it shares `this` with is not known here; to become a composable
// Searching in the list of dialogs: asks while somebody writes, and shows what was found in place of the list.

import { defineComponent } from "vue";

const PAUSE = 150; // ms without a key until the server is asked

/** As texts are compared: without regard to case, ё as е. Its letters stand where those of the text do. */
const fold = (text) => text.toLowerCase().replaceAll("ё", "е");

/** The text in pieces [{text, hit}], those marked that hold one of the words. */
function marked(text, words) {
  const folded = fold(text);
  if (!words.length || folded.length !== text.length) return [{ text, hit: false }];
  const pieces = [];
  let at = 0;
  while (at < text.length) {
    const [next, word] = words
      .map((each) => [folded.indexOf(each, at), each])
      .filter(([place]) => place >= 0)
      .reduce((best, each) => (each[0] < best[0] ? each : best), [text.length, ""]);
    if (next > at) pieces.push({ text: text.slice(at, next), hit: false });
    if (word) pieces.push({ text: text.slice(next, next + word.length), hit: true });
    at = next + word.length;
  }
  return pieces;
}

export const Search = defineComponent({
  data() {
    return { query: "", found: /** @type {DialogLine[] | null} */ (null), said: "", words: [] };
  },
  created() {
    this.searches = 0;
  },
  beforeUnmount() {
    clearTimeout(this.pausing);
  },
  methods: {
    write(query) {
      this.query = query;
      this.searches++; // what is on its way is no longer wanted
      clearTimeout(this.pausing);
      if (query.trim()) this.pausing = setTimeout(this.search, PAUSE);
      else Object.assign(this, { found: null, said: "" });
    },
    /** To the first chat of those found for the words as they stand now, however fast they were typed. */
    async enter() {
      clearTimeout(this.pausing);
      if (this.query.trim() && !(await this.search())) return;
      await this.$nextTick();
      this.links()[0]?.click();
    },
    /** Answers false when something else was typed meanwhile. */
    async search() {
      const mine = ++this.searches;
      const answer = await this.ask(`?search=${encodeURIComponent(this.query)}`);
      if (mine !== this.searches) return false;
      this.words = fold(this.query).split(/\s+/).filter(Boolean);
      this.found = answer?.dialogs ?? [];
      this.said = answer?.said ?? this.labels.failed;
      return true;
    },
    /** Esc: first the search goes, then the field is left. */
    escape() {
      if (this.query) this.write("");
      else this.$refs.field.blur();
    },
    marked(text) {
      return marked(text, this.found ? this.words : []);
    },
  },
});
