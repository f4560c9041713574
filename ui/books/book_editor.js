// Book editor: the entries of a lorebook. Each is saved on its own; unsaved text is kept in this tab.

import { BookRequests, bookPages, fetched, sendFile } from "book_asking";
import { BookBudget } from "book_budget";
import { BookChosen } from "book_chosen";
import { EntryDrafts } from "book_drafts";
import { BookEntry } from "book_entry";
import { BookOrder } from "book_order";
import { BookOrphan } from "book_orphan";
import { BookProbe } from "book_probe";
import { figure, rowsOf } from "book_rows";
import { BookSearch } from "book_search";
import { BookSettings } from "book_settings";
import { BookTable } from "book_table";
import { BookTools } from "book_tools";
import { newId } from "text_box";
import UndoNotice from "undo_notice";
import { defineComponent, reactive } from "vue";

const UNDO_OFFERED = 20; // seconds

export default defineComponent({
  components: { BookBudget, BookChosen, BookEntry, BookOrphan, BookProbe, BookSettings, BookTable, BookTools, UndoNotice },
  props: {
    ...{ url: String, importing: String, place: String, labels: Object, told: Object, options: Object, limits: Object },
    ...{ blank: /** @type {PropType<BookShown>} */ (Object), usual: /** @type {PropType<Entry>} */ (Object) },
  },
  emits: /** @type {Emits<{ act: BookAct & { key: string } }>} */ (["act"]),
  template: `
    <div class="book" :aria-busy="String(busy)" @dragover.prevent="over" @dragleave="dragged = false" @drop.prevent.stop="drop">
      <BookTools v-model="query" :labels="labels" :editable="editable" :found="found.length" :all="rows.length" :sending="sending" :dragged="dragged" :loads="Boolean(importing)" :id="book?.id ?? 0"
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
          @turn="turn([...chosen], $event)" @remove="remove([...chosen])" @step="$refs.table?.step([...chosen][0], $event)" @none="choose([])" />
        <p v-if="rows.length && !found.length" class="empty">{{ labels.nothing_found }}</p>
        <BookTable v-else-if="rows.length" ref="table" :rows="found" :chosen="chosen" :drafts="drafts.ids" :labels="labels" :places="options.places" :editable="editable" :movable="editable && !query"
          @open="open" @turn="turn([$event.id], !$event.on)" @choose="choose" @move="move" />
      </div>
      <BookEntry ref="entry" :decide="decide" :labels="labels" :told="told" :options="options" :limits="limits" :usual="usual" :editable="editable"
        @save="save" @keep="drafts.keep($event.place, $event.draft)" @duplicate="duplicate" @remove="removeOpen" @closed="closed" />
      <UndoNotice v-if="undo" :key="undo.key" ref="notice" :said="undo.said" :label="labels.undo" :seconds="seconds" @undo="takeBack" @gone="undo = null" />
      <div class="visually-hidden" role="status">{{ said }}</div>
    </div>`,
  setup: ({ place, labels }, { emit }) => ({
    requests: reactive(new BookRequests((act) => emit("act", act), labels.late)),
    drafts: reactive(new EntryDrafts(place)),
    order: reactive(new BookOrder()),
    seconds: UNDO_OFFERED,
    leaving: new AbortController(), // removes the listener
    asked: 0,
  }),
  data() {
    return {
      at: this.url, // the book's address; empty while the character has no book
      ...{ book: /** @type {BookShown | null} */ (null), rows: /** @type {readonly BookRow[]} */ ([]), whole: false, failed: false, error: "", said: "", read: "" },
      ...{ query: "", search: new BookSearch(), chosen: /** @type {Set<number>} */ (new Set()) },
      ...{ refused: { error: "", field: "" }, sending: false, dragged: false },
      undo: /** @type {{ ids: number[]; said: string; key: string } | null} */ (null),
    };
  },
  computed: {
    busy() {
      return this.requests.count > 0 || this.order.moved > 0;
    },
    editable() {
      return Boolean(this.book?.editable);
    },
    /** @returns {readonly BookRow[]} */
    found() {
      return this.search.of(this.rows, this.query);
    },
    /** The place of a draft whose entry was deleted elsewhere or was never stored; 0: there is none. */
    orphan() {
      return this.whole && this.editable ? this.drafts.orphan(this.rows) : 0;
    },
  },
  watch: {
    query() {
      this.chosen = new Set();
      this.search.typed(this.at, this.query);
    },
  },
  mounted() {
    const ask = (/** @type {Event} */ event) => (this.busy || this.drafts.ids.size) && event.preventDefault(); // something is not saved yet
    window.addEventListener("beforeunload", ask, { signal: this.leaving.signal });
    this.look();
  },
  beforeUnmount() {
    this.search.end();
    this.order.settle();
    this.leaving.abort();
    this.asked++;
  },
  methods: {
    // ---- Loading ----

    async look() {
      await this.order.settle();
      const asked = ++this.asked;
      if (!this.at) return void Object.assign(this, { book: this.blank, whole: true });
      for await (const told of bookPages(this.at)) {
        if (asked !== this.asked) return;
        this.failed = !told;
        if (!told) return;
        this.book = told.book;
        if (!told.more || told.rows.length > this.rows.length) this.rows = told.rows;
      }
      this.whole = true;
      const there = new Set(this.rows.map(({ id }) => id));
      this.chosen = new Set([...this.chosen].filter((id) => there.has(id)));
    },
    /** Asks the server for an action; true if it was done. @param {string} name @param {number[]} ids @param {Record<string, unknown>} values */
    async done(name, ids, values = {}) {
      if (name !== "move") await this.order.settle();
      this.error = "";
      const answer = await this.requests.ask(name, ids, values);
      this.error = answer.error ?? "";
      return this.caughtUp(answer);
    },
    /** Takes over the new revision if it is the next one, and reloads the book otherwise; true if there was no error. @param {BookAnswer} answer */
    caughtUp({ error, revision }) {
      const isNext = this.book && revision === this.book.revision + 1;
      if (this.book && isNext && !error) this.book = { ...this.book, revision: revision ?? 0 };
      else this.look();
      return !error;
    },
    /** Makes sure that the book exists. */
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
      const told = id ? await fetched(`${this.at}/entries/${id}`) : { values: this.usual, version: "" };
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
    /** Shows the error in the window that asked or, if that is shut, beside the table. @param {EntrySave} sent @param {BookAnswer} answer */
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
      this.rows = this.order.moving(this.rows, id, to, this.tellPlace);
    },
    /** Tells the server where an entry has ended up. @param {number} id */
    tellPlace(id) {
      return this.done("move", [id], { before: this.rows[this.rows.findIndex((row) => row.id === id) + 1]?.id ?? null });
    },
    /** @param {number[]} ids */
    async remove(ids) {
      this.order.settle();
      const gone = new Set(ids);
      this.rows = Object.freeze(this.rows.filter((row) => !gone.has(row.id)));
      this.choose([]);
      if (!(await this.done("remove", ids))) return;
      this.undo = { ids, said: this.labels.removed.replace("{n}", figure(ids.length)), key: newId() };
      await this.$nextTick();
      this.$refs.notice?.$el.querySelector("button").focus({ preventScroll: true }); // the pressed button disappears with its row
    },
    async takeBack() {
      const { undo } = this;
      this.undo = null;
      if (undo && (await this.done("restore", undo.ids))) await this.look();
      await this.$nextTick();
      if (undo) this.$refs.table?.focus(undo.ids[0]);
    },

    // ---- The book ----

    /** @param {string} content of an entry */
    decide(content) {
      return this.requests.ask("decide", [], { content });
    },
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
      if (this.$refs.entry.isOpen()) this.$refs.entry.refuse(this.labels.close_first); // the window would hide what the file adds
      else this.send(file);
    },
    /** @param {File} file */
    async send(file) {
      this.error = file.size > this.limits.file ? this.labels.too_large : "";
      this.read = "";
      if (this.error || this.sending) return;
      this.sending = true;
      const answer = await sendFile(this.importing, file);
      this.sending = false;
      this.error = answer.error ?? (answer.words ? "" : this.labels.not_sent);
      this.read = answer.words ?? "";
      if (!this.error) await this.begun(); // the upload may have created the book
      await this.look();
    },

    // ---- Calls from the server ----

    /** @param {string} key @param {BookAnswer} answer */
    answered(key, answer) {
      this.requests.answered(key, answer);
    },
  },
});
