// Book entry: one entry with all its fields, in a window. Common fields are at hand, rare ones folded away.

import { BookNumber, BookSwitch } from "book_fields";
import { BookKeys } from "book_keys";
import { EditorChoice, EditorLine, EditorText } from "editor_fields";
import { defineComponent } from "vue";

const RARE = ["priority", "scan_depth", "role", "chance", "sticky", "cooldown", "delay", "group", "weight", "comment", "is_case_sensitive", "whole_words", "is_expression", "is_found_by_entries", "finds_entries", "only_by_entries"];
const MOST = 9999;
const DECIDES = "@@"; // a line that begins with this may set a field: the server knows which
const WAIT = 300; // ms after the last key press until the server is asked

const copy = (/** @type {Entry} */ value) => /** @type {Entry} */ (JSON.parse(JSON.stringify(value)));
const isSame = (/** @type {unknown} */ one, /** @type {unknown} */ other) => JSON.stringify(one) === JSON.stringify(other);

export const BookEntry = defineComponent({
  components: { BookKeys, BookNumber, BookSwitch, EditorChoice, EditorLine, EditorText },
  props: { labels: Object, told: Object, options: Object, limits: Object, usual: /** @type {PropType<Entry>} */ (Object), editable: Boolean, decide: /** @type {PropType<(content: string) => Promise<BookAnswer>>} */ (/** @type {unknown} */ (Function)) },
  emits: /** @type {Emits<{ save: EntrySave; keep: { place: number; draft: EntryDraft | null }; duplicate: number; remove: number; closed: { id: number; place: number } }>} */ (["save", "keep", "duplicate", "remove", "closed"]),
  template: `
    <dialog ref="window" class="window book-entry" aria-labelledby="book-entry-title" @close="closed" @cancel.prevent="shut" @click.self="away" @keydown="press">
      <form v-if="values" novalidate :aria-busy="String(saving)" @submit.prevent="save">
        <div class="book-entry-head">
          <h2 id="book-entry-title" ref="title" class="subtitle" tabindex="-1" autofocus>{{ !editable ? labels.entry : id ? labels.edit : labels.new_entry }}</h2>
          <button type="button" class="icon-button" :aria-label="labels.close" :title="labels.close" @click="shut">✕</button>
        </div>
        <div class="book-entry-body"><fieldset class="book-entry-fields" :disabled="!editable">
          <div v-if="fromDraft && dirty" class="book-entry-draft" role="status"><span>{{ changed ? labels.changed : labels.from_draft }}</span>
            <p v-if="changed && saved" class="book-entry-saved" dir="auto"><span class="muted">{{ saved.keys.join(", ") }}</span>{{ saved.content }}</p>
            <button type="button" class="link" @click="discard">{{ id ? labels.go_back : labels.discard }}</button></div>
          <p v-if="error" ref="error" class="field-error" role="alert" tabindex="-1">{{ error }}</p>
          <BookKeys v-bind="plain('keys')" :labels="labels" :model-value="values.keys" @update:model-value="set('keys', $event)" />
          <p v-if="remark && !dirty" class="muted book-decided" dir="auto">{{ remark }}</p>
          <EditorText v-bind="text('content')" :model-value="values.content" @update:model-value="set('content', $event)" />
          <BookSwitch v-bind="plain('is_constant')" :model-value="values.is_constant" @update:model-value="set('is_constant', $event)" />
          <BookSwitch v-bind="plain('is_on')" :model-value="values.is_on" @update:model-value="set('is_on', $event)" />
          <EditorLine v-bind="text('title')" :model-value="values.title" @update:model-value="set('title', $event)" />
          <div class="book-pair">
            <EditorChoice v-bind="plain('place')" :options="options.place" :model-value="values.place" @update:model-value="set('place', $event)" />
            <BookNumber v-if="values.place === deep" v-bind="plain('depth')" :min="0" :max="most" :model-value="values.depth" @update:model-value="set('depth', $event)" />
            <BookNumber v-bind="plain('order')" :min="-most" :max="most" :model-value="values.order" @update:model-value="set('order', $event)" />
            <p v-if="placed" class="muted book-decided" dir="auto">{{ placed }}</p>
          </div>
          <BookKeys v-bind="plain('secondary_keys')" :labels="labels" :model-value="values.secondary_keys" @update:model-value="setSecondary" />
          <EditorChoice v-if="values.secondary_keys.length" v-bind="plain('logic')" :options="options.logic" :model-value="values.logic" @update:model-value="set('logic', $event)" />
          <BookSwitch v-if="values.secondary_keys.length" v-bind="plain('is_selective')" :model-value="values.is_selective" @update:model-value="set('is_selective', $event)" />
          <details class="fold book-more" :open="unusual"><summary>{{ labels.more }}</summary>
            <div class="book-more-body">
              <BookSwitch v-for="name in ['is_case_sensitive', 'whole_words', 'is_expression']" :key="name" v-bind="plain(name)" :model-value="values[name]" @update:model-value="set(name, $event)" />
              <div class="book-pair">
                <BookNumber v-bind="plain('scan_depth')" :usual="labels.as_book" :min="0" :max="100" :model-value="values.scan_depth" @update:model-value="set('scan_depth', $event)" />
                <BookNumber v-bind="plain('priority')" :usual="labels.as_order" :min="-most" :max="most" :model-value="values.priority" @update:model-value="set('priority', $event)" />
                <EditorChoice v-if="values.place === deep" v-bind="plain('role')" :options="options.role" :model-value="values.role" @update:model-value="set('role', $event)" />
                <BookNumber v-bind="plain('chance')" :min="0" :max="100" :model-value="values.chance" @update:model-value="set('chance', $event)" />
                <BookNumber v-for="name in ['sticky', 'cooldown', 'delay']" :key="name" v-bind="plain(name)" :min="0" :max="most" :model-value="values[name]" @update:model-value="set(name, $event)" />
              </div>
              <div class="book-pair"><EditorLine v-bind="text('group')" :model-value="values.group" @update:model-value="set('group', $event)" />
                <BookNumber v-bind="plain('weight')" :min="1" :max="most" :model-value="values.weight" @update:model-value="set('weight', $event)" /></div>
              <BookSwitch v-for="name in ['is_found_by_entries', 'finds_entries', 'only_by_entries']" :key="name" v-bind="plain(name)" :model-value="values[name]" @update:model-value="set(name, $event)" />
              <EditorLine v-bind="text('comment')" :model-value="values.comment" @update:model-value="set('comment', $event)" />
            </div>
          </details>
        </fieldset></div>
        <div v-if="editable" class="book-entry-foot">
          <template v-if="id"><button type="button" class="button quiet" @click="$emit('duplicate', id)">{{ labels.duplicate }}</button>
            <button type="button" class="button quiet danger" @click="$emit('remove', id)">{{ labels.remove }}</button></template>
          <span class="grow"></span>
          <button type="button" class="button quiet book-entry-close" @click="shut">{{ labels.close }}</button>
          <button type="submit" class="button" :disabled="saving">{{ labels.save }}</button>
        </div>
      </form>
      <div v-else class="dots" role="img" :aria-label="labels.loading"><i></i><i></i><i></i></div>
    </dialog>`,
  setup: ({ options }) => ({ most: MOST, deep: options.deep, deciding: 0 }),
  data() {
    return {
      ...{ id: 0, values: /** @type {Entry | null} */ (null), saved: /** @type {Entry | null} */ (null), version: "" },
      place: 0, // of the draft: the id of the entry, or the place of a draft without an entry
      base: "", // the version that the person has seen and changed
      opened: 0, // number that distinguishes this opening of the window from earlier ones
      ...{ fromDraft: false, saving: false, error: "", field: "", unusual: false },
      remark: "", // flaws of the saved keys
      decided: /** @type {Record<string, string>} */ ({}), // lines of the text that set a field, by field
    };
  },
  computed: {
    /** Whether the entry was changed elsewhere since this was typed. */
    changed() {
      return this.id > 0 && this.base !== this.version;
    },
    /** Remark that a line of the text sets the place or role, whatever is chosen here. */
    placed() {
      const lines = [this.decided.place, this.decided.role].filter(Boolean);
      return lines.length ? this.labels.decided.replace("{line}", () => lines.join(", ")) : "";
    },
    dirty() {
      return Boolean(this.values) && !isSame(this.values, this.saved);
    },
  },
  watch: {
    /** @param {string | null | undefined} content */
    "values.content"(content) {
      clearTimeout(this.deciding);
      if (content?.includes(DECIDES)) this.deciding = setTimeout(this.judge, WAIT);
      else this.decided = {};
    },
    values: {
      deep: true,
      handler() {
        this.keep();
      },
    },
  },
  beforeUnmount() {
    clearTimeout(this.deciding);
  },
  methods: {
    async judge() {
      const content = this.values?.content ?? "";
      const { decided } = await this.decide(content);
      if (decided && content === this.values?.content) this.decided = decided;
    },
    /** Opens the window; `show` fills it once the entry has come. @param {number} id @param {number} place of the draft */
    open(id, place = id) {
      this.opened++;
      Object.assign(this, { id, place, values: null, saved: null, error: "", field: "", saving: false, fromDraft: false });
      if (!this.$refs.window.open) this.$refs.window.showModal();
    },
    /** @param {number} id @param {EntryDraft} told @param {EntryDraft | undefined} draft */
    async show(id, { values: saved, version, remark = "" }, draft) {
      if (id !== this.id || !this.$refs.window.open) return;
      Object.assign(this, { saved, version, remark, base: draft?.version ?? version, values: copy({ ...saved, ...draft?.values }), fromDraft: Boolean(draft) });
      this.unusual = RARE.some((name) => !isSame(saved[name], this.usual[name]));
      await this.$nextTick();
      if (id) this.$refs.title.focus();
      else /** @type {HTMLElement | null} */ (this.$el.querySelector("input"))?.focus();
    },
    /** @param {string} name @param {unknown} value */
    set(name, value) {
      if (!this.values) return;
      this.values[name] = value;
      if (name === this.field) Object.assign(this, { field: "", error: "" });
    },
    /** @param {string[]} keys */
    setSecondary(keys) {
      this.set("secondary_keys", keys);
      if (keys.length === 1) this.set("is_selective", true); // people who write the first one want it to count
    },
    /** @param {string} name */
    plain(name) {
      const line = ["scan_depth", "is_constant"].includes(name) && this.decided[name];
      const { label } = this.told[name];
      const hint = line ? this.labels.decided.replace("{line}", () => line) : this.told[name].hint;
      return { id: `e-${name}`, label, hint, error: name === this.field ? this.error : "" };
    },
    /** @param {string} name */
    text(name) {
      const { limit, rows, tokens } = this.told[name];
      return { ...this.plain(name), limit, rows, tokens, labels: this.labels, charactersAToken: this.limits.characters_a_token };
    },
    /** @param {KeyboardEvent} event */
    press(event) {
      if (event.key === "Escape") event.stopPropagation();
      const saves = (event.ctrlKey || event.metaKey) && (event.key === "Enter" || event.code === "KeyS");
      if (!saves) return;
      event.preventDefault();
      event.stopPropagation();
      this.save();
    },
    /** A click outside the window shuts it. @param {MouseEvent} event */
    away({ clientX, clientY }) {
      const { left, right, top, bottom } = this.$refs.window.getBoundingClientRect();
      if (clientX < left || clientX > right || clientY < top || clientY > bottom) this.shut();
    },
    shut() {
      this.$refs.window.close();
    },
    closed() {
      this.$emit("closed", { id: this.id, place: this.place });
    },
    keep() {
      const { values, place, base } = this;
      if (values && this.editable) this.$emit("keep", { place, draft: this.dirty ? { values: copy(values), version: base } : null });
    },
    discard() {
      this.base = this.version;
      this.values = this.saved && copy(this.saved);
      this.fromDraft = false;
    },
    async save() {
      /** @type {HTMLElement | null} */ (document.activeElement)?.blur(); // to include a key still being typed
      await this.$nextTick();
      if (this.saving || !this.values || !this.editable) return;
      this.saving = true;
      const { id, place, version, opened } = this;
      this.$emit("save", { id, place, values: copy(this.values), version, opened });
    },
    isOpen() {
      return this.$refs.window.open;
    },
    /** Whether the window is still the one from which this was sent. @param {EntrySave} sent */
    isOf({ opened }) {
      return this.$refs.window.open && opened === this.opened;
    },
    /** The entry was saved as `id`: the window shuts, unless the person has typed on or opened the entry again. @param {EntrySave} sent @param {number} id @param {EntryDraft} told */
    settle(sent, id, { values: saved, version, remark = "" }) {
      const { values } = this;
      const isSent = isSame(values, sent.values);
      const isAgain = sent.place === this.place && (sent.id > 0 || isSent);
      if (!values || !this.$refs.window.open || !(this.isOf(sent) || isAgain)) return;
      const typed = Object.fromEntries(Object.keys(values).filter((name) => !isSame(values[name], sent.values[name])).map((name) => [name, values[name]]));
      Object.assign(this, { id, place: id, saved, version, remark, base: version, values: copy({ ...saved, ...typed }), saving: false, fromDraft: false, error: "", field: "" });
      if (isSent && this.isOf(sent) && !this.isTyping()) this.shut();
      this.keep();
    },
    /** Whether a key or number is being typed that is not part of the values yet. */
    isTyping() {
      const at = document.activeElement;
      if (!(at instanceof HTMLInputElement) || !this.$el.contains(at)) return false;
      return at.closest(".interest-box") ? Boolean(at.value.trim()) : at.type === "number" && at.value !== String(this.values?.[at.id.slice(2)] ?? "");
    },
    /** The entry was refused. @param {string} error @param {string} [field] @param {boolean} [isGone] the entry no longer exists: the text becomes a new one */
    async refuse(error, field = "", isGone = false) {
      Object.assign(this, { saving: false, error, field });
      if (isGone) Object.assign(this, { id: 0, saved: copy(this.usual), version: "", base: "" });
      await this.$nextTick();
      this.$refs.error?.focus();
    },
  },
});
