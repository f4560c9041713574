// @ts-nocheck: what it shares `this` with is not known here; to become a composable
// Saying one's own words differently, in their place. The box is seen in a message; what is in it is kept by the log,
// so that neither a reload of the history nor one of the page loses it.

import { PATIENCE, fit, newId } from "writing";
import { defineComponent } from "vue";

const LINES = 12;
const LINGER = 3000; // ms the saved words may stand in the box until the history with them has come

export const Editor = defineComponent({
  props: { draft: /** @type {PropType<Draft>} */ (Object), labels: Object },
  emits: ["write", "save", "cancel"],
  template: `
    <form class="editor-in-place" :aria-busy="draft.busy" @submit.prevent="save" @keydown.esc.stop.prevent="cancel">
      <textarea ref="box" rows="1" :value="draft.text" :aria-label="labels.edit" :readonly="draft.busy"
        @input="$emit('write', $event.target.value)" @keydown.enter.ctrl.prevent="save" @keydown.enter.meta.prevent="save"></textarea>
      <p v-if="draft.error" class="field-error" role="alert">{{ draft.error }}</p>
      <div class="editor-buttons">
        <button type="button" class="small-button" @click="$emit('cancel')">{{ labels.cancel }}</button>
        <button type="submit" class="small-button primary" :disabled="!draft.text.trim()">{{ labels.save }}</button>
      </div>
    </form>`,
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
    this.width.disconnect();
  },
  methods: {
    grow() {
      fit(this.$refs.box, LINES);
    },
    save(event) {
      if (!event.isComposing && this.draft.text.trim()) this.$emit("save");
    },
    cancel(event) {
      if (!event.isComposing) this.$emit("cancel");
    },
  },
});

export const Editing = defineComponent({
  data() {
    return { draft: /** @type {Draft | null} */ (null) }; // {id, text, source, client_id, busy, error, saved} of the message being edited
  },
  watch: {
    draft: {
      deep: true,
      handler() {
        this.keepDraft();
      },
    },
  },
  beforeUnmount() {
    clearTimeout(this.lingering);
  },
  methods: {
    startEditing(message) {
      if (this.draft?.id === message.id) return;
      if (this.draft && this.draft.text !== this.draft.source) return this.goTo(this.draft.id); // one at a time
      this.opener = document.activeElement;
      this.draft = { id: message.id, text: message.source, source: message.source, client_id: newId() };
    },
    rephrase(reply) {
      const above = this.messages.slice(0, this.messages.indexOf(reply)).findLast((each) => each.role === "user");
      if (above) this.startEditing(above);
    },
    editLast() {
      const mine = this.messages.findLast((each) => each.may?.includes("edit"));
      if (mine) this.startEditing(mine);
    },
    writeDraft(text) {
      this.draft.text = text;
      this.draft.error = "";
    },
    saveDraft() {
      const { id, text, source, client_id, saved } = this.draft;
      if (text === source) return this.stopEditing();
      if (saved || (this.draft.busy && Date.now() - this.savedAt < PATIENCE)) return;
      this.savedAt = Date.now();
      this.draft.busy = true;
      this.draft.error = "";
      this.$emit("edit", { id, text, client_id });
    },
    edited(clientId) {
      if (this.draft?.client_id !== clientId) return;
      this.draft.saved = true; // it closes with the next history, which has the new words
      this.lingering = setTimeout(() => this.draft?.client_id === clientId && this.stopEditing(), LINGER);
    },
    editRefused(clientId, sentence) {
      if (this.draft?.client_id !== clientId) return;
      Object.assign(this.draft, { busy: false, error: sentence, client_id: newId() });
    },
    stopEditing() {
      clearTimeout(this.lingering);
      this.draft = null;
      if (this.opener?.isConnected && !matchMedia("(pointer: coarse)").matches) this.opener.focus({ preventScroll: true });
      this.opener = null;
      this.$nextTick(this.followReader);
    },
    /** After a history has come: what was saved is in it; what was begun before a reload of the page goes on. */
    settleDraft() {
      if (this.draft?.saved) this.stopEditing();
      if (this.draft || this.restored) return;
      this.restored = true;
      const kept = this.keptDraft();
      const message = this.messages.find((each) => each.id === kept?.id && each.may?.includes("edit"));
      if (message) this.startEditing(message);
      if (message) Object.assign(this.draft, { text: kept.text, client_id: kept.client_id });
    },
    keepDraft() {
      try {
        if (!this.draft || this.draft.saved) return sessionStorage.removeItem(this.draftKey());
        const { id, text, client_id } = this.draft;
        sessionStorage.setItem(this.draftKey(), JSON.stringify({ id, text, client_id }));
      } catch {
        // a private window may keep nothing
      }
    },
    keptDraft() {
      try {
        return JSON.parse(sessionStorage.getItem(this.draftKey()));
      } catch {
        return null;
      }
    },
    draftKey() {
      return `edit ${this.url}`;
    },
  },
});
