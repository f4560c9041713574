// Card import: files are chosen, dropped anywhere on the page or pasted, previewed, and imported as characters.

import { ImportPreview } from "import_preview";
import { ImportQueue } from "import_queue";
import { ImportRow } from "import_row";
import { holdsCard } from "png_card";
import { defineComponent, reactive } from "vue";

const KINDS = ".png,.apng,.json,.charx,.jpg,.jpeg,.yaml,.yml,.lorebook";
const WRITES = "input, textarea, select, [contenteditable]";
const OF_ITS_OWN = ".book, .photo-picker"; // these take files themselves
/** A field of a YAML card. A note that somebody pastes by mistake may begin with one, but has hardly two. */
const FIELD = /^["']?(name|bot|context|greeting|char_name|char_greeting|char_persona)["']?:\s/gim;
/** @param {string} text */
const isYaml = (text) => /^(---\s+)?["']?[a-z_]+["']?:\s/i.test(text) && new Set([...text.matchAll(FIELD)].map(([, name]) => name.toLowerCase())).size > 1;
const LAID_OVER = "dialog[open]:not(.card-import), .q-dialog";

export default defineComponent({
  components: { ImportPreview, ImportRow },
  props: { labels: Object, options: /** @type {PropType<ImportOptions>} */ (Object), limit: Number, place: /** @type {PropType<"gallery" | "editor">} */ (String), door: String },
  template: `
    <div class="card-import-place">
      <input ref="file" class="visually-hidden" type="file" multiple tabindex="-1" aria-hidden="true" accept="${KINDS}" @change="choose">
      <div v-if="over" class="card-drop" role="status"><p>{{ labels.drop }}</p></div>
      <dialog ref="window" :class="['window', 'card-import', { over }]" :aria-labelledby="'import-title-' + uid" @cancel.prevent="back" @keydown.esc.stop.prevent="back" @close="closed">
        <div class="import-head">
          <button v-if="shown && isMany" type="button" class="import-back" :aria-label="labels.to_list" :title="labels.to_list" @click="show(null)">←</button>
          <h2 ref="title" :id="'import-title-' + uid" tabindex="-1">{{ shown && isMany ? shown.name : labels.title }}</h2>
          <button type="button" class="import-close" :aria-label="labels.close" :title="labels.close" @click="leave">✕</button>
        </div>
        <div v-if="sure" class="import-sure" role="alert">
          <p>{{ labels.sure.replace("{n}", queue.unfinished.length) }}</p>
          <div class="actions"><button ref="stay" type="button" class="button" @click="stay">{{ labels.stay }}</button>
            <button type="button" class="button quiet danger" @click="shut">{{ labels.leave_all }}</button></div>
        </div>
        <div v-else-if="door" class="import-body"><p>{{ labels.stranger }}</p>
          <div class="actions"><a class="button" :href="prefix + door">{{ labels.sign_up }}</a></div></div>
        <template v-else>
          <p v-if="queue.refusal || queue.held" class="import-note" role="alert">{{ queue.refusal || queue.held }}
            <a v-if="queue.refusal && queue.isOut" class="small-button" target="_blank" :href="prefix + '/log-in'">{{ labels.log_in }}</a>
            <button v-if="queue.isHeld || queue.isShut" type="button" class="small-button" @click="queue.goOn()">{{ labels.retry }}</button></p>
          <div v-if="shown" class="import-body"><ImportPreview :key="shown.id" :row="shown" v-bind="{ labels, options, prefix }" @retry="queue.retry(shown)" /></div>
          <div v-else class="import-body">
            <progress class="import-progress" :max="queue.files.length" :value="past" :aria-label="labels.title"></progress>
            <ul class="import-rows">
              <ImportRow v-for="row in rows" :key="row.id" v-bind="{ row, labels, prefix }" @look="show(row)" @retry="queue.retry(row)" @drop="drop(row)" />
            </ul>
          </div>
          <div class="import-foot">
            <p class="muted" role="status">{{ said }}</p>
            <template v-if="shown?.made">
              <a v-for="way in ways(shown.made)" :key="way.url" :class="['button', { quiet: way.quiet }]" :href="prefix + way.url">{{ way.words }}</a>
            </template>
            <template v-else-if="shown">
              <button type="button" class="button quiet" :disabled="shown.state === 'keeping'" @click="drop(shown)">{{ labels.leave_out }}</button>
              <button v-if="shown.state !== 'failed'" ref="take" type="button" class="button" :disabled="shown.state !== 'ready'" @click="queue.want([shown])">
                {{ shown.state === "keeping" || shown.state === "wanted" ? labels.keeping : labels.take }}</button>
            </template>
            <template v-else>
              <button type="button" class="button quiet" @click="$refs.file.click()">{{ labels.more }}</button>
              <button v-if="queue.retryable.length" type="button" :class="['button', { quiet: moving }]" @click="queue.retry(...queue.retryable)">{{ labels.retry_all.replace("{n}", queue.retryable.length) }}</button>
              <button v-if="moving" type="button" class="button" :disabled="!wanted.length" @click="queue.want(wanted)">{{ labels.take_all.replace("{n}", wanted.length || moving) }}</button>
              <a v-else-if="queue.count('done')" class="button" :href="prefix + '/?tab=mine'">{{ labels.to_mine }}</a>
            </template>
          </div>
        </template>
      </dialog>
    </div>`,
  setup: ({ labels, limit }) => ({
    queue: reactive(new ImportQueue(labels ?? {}, limit ?? 0)),
    inside: false, // whether something of the page itself is being dragged
    reloads: false, // whether to reload the page once the window is closed
    leaving: new AbortController(), // removes the listeners
  }),
  data() {
    return { over: false, sure: false, shownId: 0, prefix: "", isMany: false };
  },
  computed: {
    uid() {
      return this.$.uid;
    },
    shown() {
      return this.queue.files.find((each) => each.id === this.shownId) ?? null;
    },
    /** Number of files that are neither imported nor failed. */
    moving() {
      return this.queue.unfinished.length - this.queue.retryable.length;
    },
    /** Files that nobody has asked to import yet. */
    wanted() {
      return this.queue.files.filter((each) => ["waiting", "ready"].includes(each.state) || (each.state === "reading" && each.again !== "wanted"));
    },
    /** Once all files are read, those that failed come first: at the end of a long list they would be missed. */
    rows() {
      const { files } = this.queue;
      if (this.queue.count("waiting", "reading")) return files;
      return [...files].sort((one, other) => Number(other.state === "failed") - Number(one.state === "failed"));
    },
    past() {
      return this.queue.files.length - this.queue.count("waiting", "reading", "wanted", "keeping");
    },
    said() {
      const { queue, labels } = this;
      const [all, done, failed] = [queue.files.length, queue.count("done"), queue.count("failed")];
      if (this.shown && !this.isMany) return labels[this.shown.state] ?? "";
      const read = queue.files.filter((each) => each.report || ["failed", "done"].includes(each.state)).length;
      const words = done || queue.count("keeping") ? labels.said_done.replace("{done}", String(done)) : labels.said_read.replace("{read}", String(read));
      return words.replace("{all}", String(all)) + (failed ? labels.said_failed.replace("{failed}", String(failed)) : "");
    },
  },
  watch: {
    "shown.state": {
      flush: "post",
      /** @param {string | undefined} state */
      handler(state) {
        if (state !== "done" && state !== "failed") return;
        this.$refs.window.querySelector(".import-body")?.scrollTo({ top: 0 }); // the result is shown at the top
        this.catchFocus();
      },
    },
    moving: {
      flush: "post",
      handler() {
        if (!this.shown && !this.moving) this.catchFocus();
      },
    },
  },
  mounted() {
    this.prefix = window.path_prefix || "";
    const { signal } = this.leaving;
    document.addEventListener("dragstart", () => (this.inside = true), { signal });
    document.addEventListener("dragend", () => (this.inside = this.over = false), { signal });
    document.addEventListener("dragover", this.hover, { signal });
    document.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget || (this.over = false), { signal });
    document.addEventListener("drop", this.fall, { signal });
    document.addEventListener("paste", this.paste, { signal });
    window.addEventListener("beseda:import", () => this.$refs.file.click(), { signal });
    window.addEventListener("beforeunload", this.ask, { signal });
    window.addEventListener("beseda:reload", this.putOff, { signal });
    window.addEventListener("online", () => this.queue.breaks && this.queue.goOn(), { signal });
  },
  beforeUnmount() {
    this.leaving.abort();
    this.queue.empty();
  },
  methods: {
    /** @param {On<Event, HTMLInputElement>} event */
    choose({ target }) {
      this.take([...(target.files ?? [])]);
      target.value = ""; // so that the same file can be chosen again
    },
    /** Whether files come from outside, to a place that does not take files itself. @param {DragEvent} event */
    comes(event) {
      if (this.inside || !event.dataTransfer?.types.includes("Files")) return false;
      return !(event.target instanceof Element && event.target.closest(OF_ITS_OWN)) && !document.querySelector(LAID_OVER);
    },
    /** @param {DragEvent} event */
    hover(event) {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault(); // else the browser opens what is dropped
      this.over = this.comes(event);
    },
    /** @param {DragEvent} event */
    fall(event) {
      this.over = false;
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
      if (this.comes(event)) this.takeCards([...(event.dataTransfer?.files ?? [])]);
    },
    /** Take a pasted file, or the text of a card if it is not pasted into a text box. @param {ClipboardEvent} event */
    paste(event) {
      if (document.querySelector(LAID_OVER)) return;
      const files = [...(event.clipboardData?.files ?? [])];
      const isWriting = event.target instanceof Element && event.target.closest(WRITES);
      const text = isWriting ? "" : (event.clipboardData?.getData("text/plain").trim() ?? "");
      if (!files.length && text.startsWith("{")) files.push(new File([text], "card.json", { type: "application/json" }));
      else if (!files.length && isYaml(text)) files.push(new File([text], "card.yaml", { type: "application/yaml" }));
      this.takeCards(files);
    },
    /** In the editor, a picture without a card is a photo, which has its own place there. @param {File[]} files */
    async takeCards(files) {
      const photos = new Set();
      if (this.place === "editor") for (const file of files) if (file.type.startsWith("image/") && !(await holdsCard(file))) photos.add(file);
      this.take(files.filter((file) => !photos.has(file)));
    },
    /** @param {File[]} files */
    take(files) {
      if (!files.length) return;
      if (!this.$refs.window.open) this.finish(); // it may just have been closed, before its event has arrived
      this.sure = false;
      if (!this.door) this.queue.add(files);
      this.isMany = this.queue.files.length > 1;
      const [first] = this.queue.files;
      this.shownId = this.isMany || this.door ? 0 : first.id;
      if (!this.$refs.window.open) this.$refs.window.showModal();
      this.$nextTick(() => this.$refs.title?.focus());
    },
    /** @param {CardInFile | null} row */
    show(row) {
      const before = this.shownId;
      this.shownId = row?.id ?? 0;
      this.$nextTick(() => {
        const button = row ? null : this.$refs.window.querySelector(`[data-row="${before}"]`);
        (button ?? this.$refs.title)?.focus();
      });
    },
    /** @param {CardInFile} row */
    drop(row) {
      const at = this.queue.files.indexOf(row);
      this.queue.leaveOut(row);
      if (!this.queue.files.length) return this.$refs.window.close();
      this.shownId = 0;
      const next = this.queue.files[Math.min(at, this.queue.files.length - 1)];
      this.$nextTick(() => (this.$refs.window.querySelector(`[data-row="${next.id}"]`) ?? this.$refs.title)?.focus());
    },
    /** @param {MadeCharacter} made */
    ways(made) {
      const { open, edit, chat } = this.labels;
      const ways = [
        { url: made.url, words: open, quiet: true },
        { url: made.edit_url, words: edit, quiet: this.place === "gallery" },
        { url: made.chat_url, words: chat, quiet: this.place !== "gallery" },
      ];
      return ways.filter((way) => way.url);
    },
    /** The pressed button has disappeared: focus what comes next. */
    catchFocus() {
      const { window: dialog, title } = this.$refs;
      if (!dialog.open || dialog.contains(document.activeElement)) return;
      const next = dialog.querySelector(".import-failed .button, .import-foot .button:not(.quiet)");
      /** @type {HTMLElement | null} */ (next ?? title)?.focus();
    },
    /** Esc goes back to the list first, then closes the window. */
    back() {
      if (this.sure) this.stay();
      else if (this.shown && this.isMany) this.show(null);
      else this.leave();
    },
    leave() {
      if (!this.queue.unfinished.length) return this.shut();
      this.sure = true;
      this.$nextTick(() => this.$refs.stay?.focus());
    },
    stay() {
      this.sure = false;
      this.$nextTick(() => this.$refs.title?.focus());
    },
    shut() {
      this.$refs.window.close();
    },
    /** The browser has restored the focus. Its event comes a moment later: other files may have reopened the window. */
    closed() {
      if (!this.$refs.window.open) this.finish();
    },
    /** Forget the files; the gallery is told to show the new characters. */
    finish() {
      if (this.queue.count("done")) window.dispatchEvent(new CustomEvent("beseda:imported"));
      this.queue.empty();
      Object.assign(this, { sure: false, shownId: 0, isMany: false });
      if (this.reloads) location.reload();
    },
    /** A restarted server asks for a reload. The import goes on without one, so reload later. @param {Event} event */
    putOff(event) {
      if (!this.queue.unfinished.length) return;
      event.preventDefault();
      this.reloads = true;
    },
    /** @param {Event} event */
    ask(event) {
      if (this.queue.unfinished.length) event.preventDefault();
    },
  },
});
