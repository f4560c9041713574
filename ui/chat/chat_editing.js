// Inline editing of one's own message, or of a reply in one's own words. The box is shown in the message; its text is kept by the log, so that neither a
// reload of the history nor one of the page loses it.

import { inThisTab } from "browser_store";
import { PATIENCE, fit, newId } from "text_box";
import { defineComponent } from "vue";

const LINES = 12;
const LINGER = 3000; // ms the saved text may stay in the box until the history with it has arrived

/** Whether Enter belongs to an input method (IME). @param {Event} event */
const isComposing = (event) => event instanceof KeyboardEvent && event.isComposing;

export const Editor = defineComponent({
  props: { draft: /** @type {PropType<Draft>} */ (Object), labels: Object },
  emits: ["write", "save", "cancel"],
  template: `
    <form class="editor-in-place" :aria-busy="draft.busy" @submit.prevent="save" @keydown.esc.stop.prevent="cancel">
      <textarea ref="box" rows="1" dir="auto" :value="draft.text" :aria-label="labels.edit" :readonly="draft.busy"
        @input="$emit('write', $event.target.value)" @keydown.enter.ctrl.prevent="save" @keydown.enter.meta.prevent="save"></textarea>
      <p v-if="draft.error" class="field-error" role="alert">{{ draft.error }}</p>
      <div class="editor-buttons">
        <button type="button" class="small-button" @click="$emit('cancel')">{{ labels.cancel }}</button>
        <button type="submit" class="small-button primary" :disabled="!draft.text.trim()">{{ draft.reply ? labels.save_reply : labels.save }}</button>
      </div>
    </form>`,
  setup: () => ({ width: /** @type {ResizeObserver | undefined} */ (undefined) }),
  watch: {
    "draft.text": {
      flush: "post",
      handler() {
        this.grow();
      },
    },
  },
  mounted() {
    const box = this.$refs.box;
    this.width = new ResizeObserver(() => this.grow());
    this.width.observe(this.$el);
    this.grow();
    box.focus({ preventScroll: true });
    box.setSelectionRange(box.value.length, box.value.length);
    this.$el.scrollIntoView({ block: "nearest" });
  },
  beforeUnmount() {
    this.width?.disconnect();
  },
  methods: {
    grow() {
      fit(this.$refs.box, LINES);
    },
    /** @param {Event} event */
    save(event) {
      if (!isComposing(event) && this.draft.text.trim()) this.$emit("save");
    },
    /** @param {KeyboardEvent} event */
    cancel(event) {
      if (!isComposing(event)) this.$emit("cancel");
    },
  },
});

/** The message being edited, if any; kept in the tab until it is saved. */
export class Editing {
  /**
   * @param {string} key in the storage
   * @param {(edit: Edit, isReply: boolean) => void} send
   */
  constructor(key, send) {
    this.key = key;
    this.send = send;
    this.draft = /** @type {Draft | null} */ (null);
    this.opener = /** @type {HTMLElement | null} */ (null);
    this.savedAt = 0;
    this.lingering = 0;
    this.restored = false;
  }
  /** One at a time: false when another, already changed, is open. @param {ChatMessage} message */
  begin({ id, source, role }) {
    if (this.draft?.id === id) return true;
    if (this.draft && this.draft.text !== this.draft.source) return false;
    this.opener = /** @type {HTMLElement | null} */ (document.activeElement);
    this.draft = { id, text: source, source, client_id: newId(), reply: role === "assistant", busy: false, error: "", saved: false };
    return true;
  }
  /** @param {string} text */
  write(text) {
    if (this.draft) Object.assign(this.draft, { text, error: "" });
  }
  save() {
    if (!this.draft) return;
    const { id, text, source, client_id, saved, busy, reply } = this.draft;
    if (text === source) return this.stop();
    if (saved || (busy && Date.now() - this.savedAt < PATIENCE)) return;
    this.savedAt = Date.now();
    Object.assign(this.draft, { busy: true, error: "" });
    this.send({ id, text, client_id }, reply);
  }
  /** The server has it: the box closes with the next history, which has the new text. @param {string} clientId */
  saved(clientId) {
    if (this.draft?.client_id !== clientId) return;
    this.draft.saved = true;
    this.lingering = setTimeout(() => this.draft?.client_id === clientId && this.stop(), LINGER);
  }
  /** @param {string} clientId @param {string} sentence */
  refused(clientId, sentence) {
    if (this.draft?.client_id !== clientId) return;
    Object.assign(this.draft, { busy: false, error: sentence, client_id: newId() });
  }
  stop() {
    clearTimeout(this.lingering);
    this.draft = null;
    if (this.opener?.isConnected && !matchMedia("(pointer: coarse)").matches) this.opener.focus({ preventScroll: true });
    this.opener = null;
  }
  /** After a history has arrived: a saved edit is in it; one started before a reload of the page continues. */
  /** @param {ChatMessage[]} messages */
  settle(messages) {
    if (this.draft?.saved) this.stop();
    if (this.draft || this.restored) return;
    this.restored = true;
    const kept = inThisTab.get(this.key);
    const message = messages.find((each) => each.id === kept?.id && typeof kept.text === "string" && each.may?.includes("edit"));
    if (message && this.begin(message)) Object.assign(this.draft ?? {}, { text: kept.text, client_id: kept.client_id });
  }
  keep() {
    if (!this.draft || this.draft.saved) return inThisTab.remove(this.key);
    const { id, text, client_id } = this.draft;
    inThisTab.set(this.key, { id, text, client_id });
  }
  end() {
    clearTimeout(this.lingering);
  }
}
