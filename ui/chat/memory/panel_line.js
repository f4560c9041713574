// Panel line: a line of memory that is corrected in its place: Enter saves, Esc takes back what was typed.

import { PATIENCE, fit, newId } from "text_box";
import { defineComponent, nextTick } from "vue";

const LINES = 12;

export const LineEditor = defineComponent({
  props: { text: String, limit: Number, label: String, labels: Object, busy: Boolean, error: String },
  emits: /** @type {Emits<{ save: string; cancel: void }>} */ (["save", "cancel"]),
  template: `
    <form class="memory-editor" :aria-busy="busy" @submit.prevent="save" @keydown.esc.stop.prevent="cancel">
      <textarea ref="box" v-model="typed" rows="1" dir="auto" :aria-label="label" :aria-invalid="Boolean(error)" :maxlength="limit" :readonly="busy"
        enterkeyhint="done" @input="grow" @keydown.enter="enter"></textarea>
      <p v-if="error" class="field-error" role="alert">{{ error }}</p>
      <slot></slot>
      <div class="memory-buttons">
        <button type="button" class="small-button" @click="$emit('cancel')">{{ labels.cancel }}</button>
        <button type="submit" class="small-button primary" :disabled="!typed.trim()">{{ labels.save }}</button>
      </div>
    </form>`,
  data() {
    return { typed: this.text };
  },
  mounted() {
    const { box } = this.$refs;
    this.grow();
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
      if (this.busy || !this.typed.trim()) return;
      if (this.typed.trim() === this.text) this.$emit("cancel");
      else this.$emit("save", this.typed.trim());
    },
    /** @param {KeyboardEvent} event */
    cancel(event) {
      if (!event.isComposing) this.$emit("cancel");
    },
  },
});

/** The one line of the panel that is being written. It stays open, whatever the panel is told meanwhile. */
export class Draft {
  /** @param {Ask} ask */
  constructor(ask) {
    this.ask = ask;
    this.name = ""; // what saves it; "": nothing is being written
    this.id = 0;
    this.busy = false;
    this.error = "";
    this.opener = /** @type {HTMLElement | null} */ (null);
  }
  /** @param {string} name @param {number} id @param {HTMLElement | null} opener gets the focus back */
  open(name, id, opener) {
    Object.assign(this, { name, id, busy: false, error: "", opener });
  }
  /** @param {string} name @param {number} id */
  is(name, id) {
    return this.name === name && this.id === id;
  }
  /** @param {string} text @param {boolean} [here] */
  async save(text, here = false) {
    if (this.busy) return;
    Object.assign(this, { busy: true, error: "" });
    const { error } = await this.ask({ name: this.name, id: this.id, text, here });
    if (error) Object.assign(this, { busy: false, error });
    else this.close();
  }
  close() {
    this.name = "";
    nextTick().then(() => this.opener?.isConnected && this.opener.focus({ preventScroll: true }));
  }
}

/** What the server was asked to do, and has not answered yet. */
export class Asking {
  /** @param {(act: Act & { key: string }) => void} send @param {string} late what is said if no answer comes */
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
  /** @param {string} key @param {string} error @returns whether anybody still waited for it */
  answered(key, error) {
    const resolve = this.waiting.get(key);
    this.waiting.delete(key);
    resolve?.({ error });
    return Boolean(resolve);
  }
}
