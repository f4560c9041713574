// Book editor: the entries of a lorebook. Each is saved by itself; what was typed and not saved waits in this tab.

import { BookRequests } from "book_asking";
import { BookBudget } from "book_budget";
import { BookChosen } from "book_chosen";
import { EntryDrafts } from "book_drafts";
import { BookEntry } from "book_entry";
import { BookOrphan } from "book_orphan";
import { BookProbe } from "book_probe";
import { figure, foldedFor, rowsOf } from "book_rows";
import { BookSettings } from "book_settings";
import { BookTable } from "book_table";
import { BookTools } from "book_tools";
import { newId } from "text_box";
import UndoNotice from "undo_notice";
import { defineComponent, reactive } from "vue";

const UNDO_OFFERED = 20; // seconds
const SETTLES_AFTER = 300; // ms without another step of the same entry: where it ends up is told once
const SEARCH_AFTER = 250; // ms without a key press: what stands deeper in the entries is asked for

export default defineComponent({
  components: { BookBudget, BookChosen, BookEntry, BookOrphan, BookProbe, BookSettings, BookTable, BookTools, UndoNotice },
  props: {
    ...{ url: String, importing: String, place: String, labels: Object, told: Object, options: Object, limits: Object },
    ...{ blank: /** @type {PropType<BookShown>} */ (Object), usual: /** @type {PropType<Entry>} */ (Object) },
  },
  emits: /** @type {Emits<{ act: BookAct & { key: string } }>} */ (["act"]),
  template: `
    <div class="book" :aria-busy="String(busy)" @dragover.prevent="over" @dragleave="dragged = false" @drop.prevent.stop="drop">
      <BookTools v-model="query" :labels="labels" :editable="editable" :count="count" :sending="sending" :dragged="dragged" :loads="Boolean(importing)" :file="exported"
        @add="open(0)" @file="send" />
      <div v-if="book" class="book-side">
        <BookBudget :rows="rows" :budget="book.token_budget ?? book.usual_budget" :usual="book.token_budget === null" :labels="labels" />
        <BookProbe v-if="rows.length" :labels="labels" :ask="probe" :revision="book.revision" :limit="limits.probe" @open="open" />
        <BookSettings :book="book" :labels="labels" :limits="limits" :editable="editable" :error="refused.error" :field="refused.field" @change="change" />
        <slot></slot>
      </div>
      <div class="book-main">
        <p v-if="error" class="field-error" role="alert">{{ error }}</p>
        <p v-if="read" class="muted" role="status">{{ read }}</p>
        <p v-if="failed" class="chat-failed" role="alert"><span>{{ labels.failed }}</span> <button type="button" class="small-button" @click="look">{{ labels.retry }}</button></p>
        <div v-else-if="!book" class="dots" role="img" :aria-label="labels.loading"><i></i><i></i><i></i></div>
        <div v-else-if="!rows.length" class="empty book-empty"><p>{{ labels.empty }}</p><p class="muted">{{ labels.empty_hint }}</p></div>
        <BookOrphan v-if="orphan" :key="orphan" :draft="drafts.of(orphan)" :labels="labels" @open="open(0, orphan)" @discard="drafts.keep(orphan, null)" />
        <BookChosen v-if="chosen.size" :count="chosen.size" :labels="labels" :movable="chosen.size === 1 && !query"
          @turn="turn([...chosen], $event)" @remove="remove([...chosen])" @step="step" @none="choose([])" />
        <p v-if="rows.length && !found.length" class="empty">{{ labels.nothing_found }}</p>
        <BookTable v-else-if="rows.length" ref="table" :rows="found" :chosen="chosen" :drafts="drafts.ids" :labels="labels" :places="options.places" :editable="editable" :movable="editable && !query"
          @open="open" @turn="turn([$event.id], !$event.on)" @choose="choose" @move="move" />
      </div>
      <BookEntry ref="entry" :labels="labels" :told="told" :options="options" :limits="limits" :usual="usual" :editable="editable"
        @save="save" @keep="drafts.keep($event.place, $event.draft)" @duplicate="duplicate" @remove="removeOpen" @closed="closed" />
      <UndoNotice v-if="undo" :key="undo.key" ref="notice" :said="undo.said" :label="labels.undo" :seconds="seconds" @undo="takeBack" @gone="undo = null" />
      <div class="visually-hidden" role="status">{{ said }}</div>
    </div>`,
  setup: ({ place, labels }, { emit }) => ({
    requests: reactive(new BookRequests((act) => emit("act", act), labels.late)),
    drafts: reactive(new EntryDrafts(place)),
    seconds: UNDO_OFFERED,
    leaving: new AbortController(), // removes the listener
    searching: 0,
    settling: 0,
    asked: 0,
  }),
  data() {
    return {
      at: this.url, // of the book; none yet, if the character has none
      ...{ book: /** @type {BookShown | null} */ (null), rows: /** @type {readonly BookRow[]} */ ([]), whole: false, failed: false, error: "", said: "", read: "" },
      ...{ query: "", deeper: /** @type {Set<number>} */ (new Set()), chosen: /** @type {Set<number>} */ (new Set()) },
      ...{ refused: { error: "", field: "" }, sending: false, dragged: false },
      moved: 0, // an entry that was put elsewhere, which the server is still to be told
      undo: /** @type {{ ids: number[]; said: string; key: string } | null} */ (null),
    };
  },
  computed: {
    busy() {
      return this.requests.count > 0 || this.moved > 0;
    },
    editable() {
      return Boolean(this.book?.editable);
    },
    found() {
      const sought = foldedFor(this.query);
      return sought ? this.rows.filter((row) => row.sought.includes(sought) || this.deeper.has(row.id)) : this.rows;
    },
    /** The place of a draft whose entry is gone, deleted elsewhere perhaps; 0: none is. */
    orphan() {
      const there = new Set(this.rows.map(({ id }) => id));
      return (this.whole && this.editable && [...this.drafts.ids].find((id) => id && !there.has(id))) || 0;
    },
    exported() {
      return this.book?.id && this.rows.length ? `/export/books/${this.book.id}.json` : "";
    },
    count() {
      const { labels, rows, found } = this;
      if (!this.book || !rows.length) return "";
      return this.query ? labels.found.replace("{n}", figure(found.length)).replace("{all}", figure(rows.length)) : labels.count.replace("{n}", figure(rows.length));
    },
  },
  watch: {
    query() {
      this.chosen = new Set();
      clearTimeout(this.searching);
      this.deeper = new Set();
      if (foldedFor(this.query)) this.searching = setTimeout(this.search, SEARCH_AFTER);
    },
  },
  mounted() {
    const ask = (/** @type {Event} */ event) => (this.busy || this.drafts.ids.size) && event.preventDefault(); // it is not done yet
    window.addEventListener("beforeunload", ask, { signal: this.leaving.signal });
    this.look();
  },
  beforeUnmount() {
    clearTimeout(this.searching);
    this.settle();
    this.leaving.abort();
    this.asked++;
  },
  methods: {
    // ---- What is there ----

    async look() {
      await this.settle();
      const asked = ++this.asked;
      if (!this.at) return void Object.assign(this, { book: this.blank, whole: true });
      let rows = /** @type {BookRow[]} */ ([]);
      for (let more = true; more; ) {
        const told = await this.fetched(`?offset=${rows.length}`);
        if (asked !== this.asked) return;
        this.failed = !told;
        if (!told) return;
        rows = [...rows, ...rowsOf(told.entries)];
        more = told.more;
        this.book = told.book;
        if (!more || rows.length > this.rows.length) this.rows = Object.freeze(rows);
      }
      this.whole = true;
      const there = new Set(rows.map(({ id }) => id));
      this.chosen = new Set([...this.chosen].filter((id) => there.has(id)));
    },
    /** What is answered below the book's address; null if nothing is. @param {string} below */
    async fetched(below) {
      try {
        const told = await fetch((window.path_prefix || "") + this.at + below, { headers: { Accept: "application/json" } });
        if (told.status === 200) return await told.json();
      } catch {
        // no network, or no JSON: whoever asked says so
      }
      return null;
    },
    async search() {
      if (!this.at) return;
      const { query } = this;
      const told = await this.fetched(`/found?q=${encodeURIComponent(query)}`);
      if (told && query === this.query) this.deeper = new Set(told.ids);
    },
    /** Does it; true once it is done. @param {string} name @param {number[]} ids @param {Record<string, unknown>} values */
    async done(name, ids, values = {}) {
      if (name !== "move") await this.settle();
      this.error = "";
      const answer = await this.requests.ask(name, ids, values);
      this.error = answer.error ?? "";
      return this.caughtUp(answer);
    },
    /** The page knows the book as it is after this change; else it asks anew. @param {BookAnswer} answer */
    caughtUp({ error, revision }) {
      const isNext = this.book && revision === this.book.revision + 1;
      if (this.book && isNext && !error) this.book = { ...this.book, revision: revision ?? 0 };
      else this.look();
      return !error;
    },
    /** The book is there, made now if need be. */
    async begun() {
      if (this.at) return {};
      const answer = await this.requests.ask("begin");
      this.at = answer.url ?? "";
      return answer;
    },
    /** @param {(row: BookRow) => BookRow} changed */
    remake(changed) {
      this.rows = Object.freeze(this.rows.map(changed));
    },

    // ---- One entry ----

    /** @param {number} id 0: a new one @param {number} place of its draft */
    async open(id, place = id) {
      this.$refs.entry.open(id, place);
      const told = id ? await this.fetched(`/entries/${id}`) : { values: this.usual, version: "" };
      if (told) this.$refs.entry.show(id, told, this.drafts.of(place));
      else {
        this.$refs.entry.shut();
        this.error = this.labels.failed;
      }
    },
    /** @param {EntrySave} sent */
    async save(sent) {
      const { id, values, version } = sent;
      const { error } = await this.begun();
      const answer = error ? { error } : await this.requests.ask(id ? "save" : "add", id ? [id] : [], { ...values, version });
      if (answer.error) return this.refuse(sent, answer);
      this.drafts.saved(sent);
      const [row] = rowsOf(answer.rows ?? []);
      if (!id && row) this.rows = Object.freeze([...this.rows, row]);
      else if (row) this.remake((each) => (each.id === row.id ? row : each));
      if (row && answer.entry) this.$refs.entry.settle(sent, row.id, answer.entry);
      this.caughtUp(answer);
      this.said = this.labels.saved;
      if (!id && row && !this.$refs.entry.isOpen()) {
        this.query = "";
        await this.$nextTick();
        this.$refs.table?.focus(row.id);
      }
    },
    /** Said in the window that asked; if that is shut, beside the table. @param {EntrySave} sent @param {BookAnswer} answer */
    refuse(sent, { error = "", field = "", gone }) {
      const { entry } = this.$refs;
      if (gone && sent.id) this.look();
      if (entry.isOf(sent)) return entry.refuse(gone && sent.id ? this.labels.gone : error, field, Boolean(gone && sent.id));
      this.drafts.refused(sent);
      this.error = error;
    },
    /** @param {{ id: number; place: number }} shut */
    async closed({ id, place }) {
      await this.$nextTick();
      if (id && this.found.some((row) => row.id === id)) this.$refs.table?.focus(id);
      if (this.drafts.of(place)) this.said = this.labels.kept;
    },
    /** @param {number} id */
    async duplicate(id) {
      this.$refs.entry.shut();
      if (await this.done("duplicate", [id])) await this.look();
    },
    /** @param {number} id */
    removeOpen(id) {
      this.$refs.entry.shut();
      this.drafts.keep(id, null);
      this.remove([id]);
    },

    // ---- Some entries ----

    /** @param {number[]} ids */
    choose(ids) {
      this.chosen = new Set(ids);
    },
    /** @param {number[]} ids @param {boolean} on */
    turn(ids, on) {
      const turned = new Set(ids);
      this.remake((row) => (turned.has(row.id) ? Object.freeze({ ...row, on }) : row));
      return this.done(on ? "on" : "off", ids);
    },
    /** @param {{ id: number; to: number }} where */
    move({ id, to }) {
      const rows = this.rows.filter((row) => row.id !== id);
      const moved = this.rows.find((row) => row.id === id);
      if (!moved) return;
      if (this.moved !== id) this.settle();
      this.rows = Object.freeze(rows.toSpliced(to, 0, moved));
      this.moved = id;
      clearTimeout(this.settling);
      this.settling = setTimeout(this.settle, SETTLES_AFTER);
    },
    /** Tells the server where an entry has ended up. */
    async settle() {
      clearTimeout(this.settling);
      const { moved, rows } = this;
      this.moved = 0;
      if (moved) await this.done("move", [moved], { before: rows[rows.findIndex(({ id }) => id === moved) + 1]?.id ?? null });
    },
    /** The chosen one goes up or down, for whoever can neither draw nor press keys. @param {number} by */
    step(by) {
      const [id] = this.chosen;
      const here = this.rows.findIndex((row) => row.id === id);
      const to = here + by;
      if (here >= 0 && to >= 0 && to < this.rows.length) this.$refs.table?.move(id, to);
    },
    /** @param {number[]} ids */
    async remove(ids) {
      this.settle();
      const gone = new Set(ids);
      this.rows = Object.freeze(this.rows.filter((row) => !gone.has(row.id)));
      this.choose([]);
      if (!(await this.done("remove", ids))) return;
      this.undo = { ids, said: this.labels.removed.replace("{n}", figure(ids.length)), key: newId() };
      await this.$nextTick();
      this.$refs.notice?.$el.querySelector("button").focus({ preventScroll: true }); // the pressed one goes with its row
    },
    async takeBack() {
      const { undo } = this;
      this.undo = null;
      if (undo && (await this.done("restore", undo.ids))) await this.look();
      await this.$nextTick();
      if (undo) this.$refs.table?.focus(undo.ids[0]);
    },

    // ---- The book ----

    /** @param {string} text */
    probe(text) {
      return this.requests.ask("try", [], { text });
    },
    /** @param {Record<string, unknown>} values */
    async change(values) {
      const { error } = await this.begun();
      if (this.book) this.book = { ...this.book, ...values };
      const answer = error ? { error } : await this.requests.ask("change", [], values);
      this.refused = { error: answer.error ?? "", field: answer.field ?? "" };
      this.caughtUp(answer);
    },
    /** @param {DragEvent} event */
    over(event) {
      this.dragged = this.editable && !this.$refs.entry.isOpen() && Boolean(this.importing && event.dataTransfer?.types.includes("Files"));
    },
    /** @param {DragEvent} event */
    drop(event) {
      this.dragged = false;
      const file = event.dataTransfer?.files[0];
      if (!file || !this.editable || !this.importing) return;
      if (this.$refs.entry.isOpen()) this.$refs.entry.refuse(this.labels.close_first); // what it adds would be behind the window
      else this.send(file);
    },
    /** @param {File} file */
    async send(file) {
      this.error = file.size > this.limits.file ? this.labels.too_large : "";
      this.read = "";
      if (this.error || this.sending) return;
      this.sending = true;
      let answer = /** @type {{ words?: string; error?: string }} */ ({});
      try {
        const headers = { "Content-Type": "application/octet-stream", Accept: "application/json" };
        const address = `${window.path_prefix || ""}${this.importing}?name=${encodeURIComponent(file.name)}`;
        answer = await (await fetch(address, { method: "POST", headers, body: file })).json();
      } catch {
        // no network, or no JSON: reported below
      }
      this.sending = false;
      this.error = answer.error ?? (answer.words ? "" : this.labels.not_sent);
      this.read = answer.words ?? "";
      if (!this.error) await this.begun(); // it may have made the book
      await this.look();
    },

    // ---- Calls from the server ----

    /** @param {string} key @param {BookAnswer} answer */
    answered(key, answer) {
      this.requests.answered(key, answer);
    },
  },
});
