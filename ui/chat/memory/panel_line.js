// Panel line: a line of memory edited in place. Enter saves, Esc discards what was typed.

import { PATIENCE, fit, newId } from "text_box";
import { defineComponent, nextTick } from "vue";

const LINES = 12;

export const LineEditor = defineComponent({
  props: { line: /** @type {PropType<Draft>} */ (Object), text: String, limit: Number, label: String, labels: Object },
  emits: /** @type {Emits<{ save: void; cancel: void }>} */ (["save", "cancel"]),
  template: `
    <form class="memory-editor" :aria-busy="line.busy" @submit.prevent="save" @keydown.esc.stop.prevent="cancel">
      <textarea ref="box" v-model="line.typed" rows="1" dir="auto" :aria-label="label" :aria-invalid="over > 0 || Boolean(line.error)" :readonly="line.busy"
        enterkeyhint="done" @input="grow" @keydown.enter="enter"></textarea>
      <p v-if="over > 0" class="field-error" role="alert">{{ labels.too_long.replace("{n}", over) }}</p>
      <p v-else-if="line.error" class="field-error" role="alert">{{ line.error }}</p>
      <slot></slot>
      <div class="memory-buttons">
        <button type="button" class="small-button" @click="$emit('cancel')">{{ labels.cancel }}</button>
        <button type="submit" class="small-button primary" :disabled="over > 0 || !line.typed.trim()">{{ labels.save }}</button>
      </div>
    </form>`,
  computed: {
    /** Characters beyond the limit. @returns {number} */
    over() {
      return [...this.line.typed.trim()].length - this.limit;
    },
  },
  mounted() {
    const { box } = this.$refs;
    this.grow();
    if (!this.line.isNew) return; // its line only moved in the list
    this.line.isNew = false;
    box.focus({ preventScroll: true });
    box.setSelectionRange(box.value.length, box.value.length);
    this.$el.scrollIntoView({ block: "nearest" });
  },
  methods: {
    grow() {
      fit(this.$refs.box, LINES);
    },
    /** @param {KeyboardEvent} event */
    enter(event) {
      if (event.isComposing || event.keyCode === 229 || event.shiftKey) return; // 229: Safari, still composing
      event.preventDefault();
      this.save();
    },
    save() {
      const typed = this.line.typed.trim();
      if (this.line.busy || !typed || this.over > 0) return;
      if (typed === this.text) this.$emit("cancel");
      else this.$emit("save");
    },
    /** @param {KeyboardEvent} event */
    cancel(event) {
      if (!event.isComposing) this.$emit("cancel");
    },
  },
});

/**
 * A line that is being edited: `name` is the act that saves it, `id` the item; `opener` gets the focus back.
 * @typedef {{ name: string; id: number; typed: string; opener: HTMLElement | null; isNew: boolean; busy: boolean; error: string }} Draft
 */

/** The lines of the panel that are being edited. Each stays open, whatever changes in the panel meanwhile. */
export class Drafts {
  /** @param {Ask} ask */
  constructor(ask) {
    this.ask = ask;
    this.lines = /** @type {Draft[]} */ ([]);
  }
  /** @param {string} name @param {number} id @param {string} typed @param {HTMLElement | null} opener */
  open(name, id, typed, opener) {
    if (!this.of(name, id)) this.lines.push({ name, id, typed, opener, isNew: true, busy: false, error: "" });
  }
  /** @param {string} name @param {number} id */
  of(name, id) {
    return this.lines.find((line) => line.name === name && line.id === id);
  }
  /** @param {Draft} line @param {boolean} [here] */
  async save(line, here = false) {
    if (line.busy) return;
    Object.assign(line, { busy: true, error: "" });
    const { error } = await this.ask({ name: line.name, id: line.id, text: line.typed.trim(), here });
    if (error) Object.assign(line, { busy: false, error });
    else this.close(line);
  }
  /** @param {Draft} line */
  close({ name, id, opener }) {
    this.lines = this.lines.filter((line) => line.name !== name || line.id !== id);
    nextTick().then(() => opener?.isConnected && opener.focus({ preventScroll: true }));
  }
}

/** Requests that the server has not answered yet. */
export class Asking {
  /** @param {(act: Act & { key: string }) => void} send @param {string} late the error if no answer comes */
  constructor(send, late) {
    this.send = send;
    this.late = late;
    this.waiting = /** @type {Map<string, (answer: { error: string }) => void>} */ (new Map());
  }
  /** @param {Act} act @returns {Promise<{ error: string }>} */
  ask(act) {
    const key = newId();
    return new Promise((resolve) => {
      this.waiting.set(key, resolve);
      setTimeout(() => this.answered(key, this.late), PATIENCE);
      this.send({ ...act, key });
    });
  }
  /** @param {string} key @param {string} error @returns whether it was still awaited */
  answered(key, error) {
    const resolve = this.waiting.get(key);
    this.waiting.delete(key);
    resolve?.({ error });
    return Boolean(resolve);
  }
}
