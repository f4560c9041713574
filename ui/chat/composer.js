// Composer: the box that a person writes in. It grows with the text, keeps a draft, and never loses unaccepted text.

// While it is empty its keys act on the dialog above: chat_log.js hears them as `beseda:composer`.

import { inThisBrowser } from "browser_store";
import { Returning } from "chat_absence";
import { sends } from "enter_key";
import { PATIENCE, fit, newId } from "text_box";
import { defineComponent } from "vue";

const coarse = matchMedia("(pointer: coarse)");
const LINES = 8;

/** @typedef {{ client_id: string; text: string; at: number }} Sent the pending message, and since when */

/** The action of a key in the dialog while the box is empty; "" if none. @param {KeyboardEvent} event */
function command({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (key === "Enter" && (ctrlKey || metaKey)) return "regenerate";
  if (key === "Enter" && altKey) return "continue";
  if (ctrlKey || metaKey || altKey || shiftKey) return "";
  return /** @type {Record<string, string>} */ ({ ArrowUp: "edit", ArrowLeft: "previous", ArrowRight: "next" })[key] ?? "";
}

export default defineComponent({
  props: { draftKey: String, limit: Number, labels: Object },
  emits: /** @type {Emits<{ send: { text: string; client_id: string }; stop: void }>} */ (["send", "stop"]),
  template: `
    <form class="composer" :aria-busy="Boolean(sent)" @submit.prevent="send">
      <p v-if="closed" class="composer-closed" role="status">{{ closed }}</p>
      <template v-else>
        <div :class="['composer-box', { over }]">
          <textarea ref="box" rows="1" dir="auto" :value="text" :aria-label="labels.message" :placeholder="labels.placeholder"
            enterkeyhint="enter" @input="write($event.target.value)" @keydown="press" @keydown.enter="enter" @keydown.esc="escape"
            @compositionstart="composing = true" @compositionend="composed"></textarea>
          <button v-if="replying_" key="stop" type="button" data-once class="composer-button stop" :aria-label="labels.stop" :title="labels.stop"
            @pointerdown.prevent @click="$emit('stop')">
            <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><rect x="6" y="6" width="12" height="12" rx="2"/></svg>
          </button>
          <button v-else key="send" type="submit" class="composer-button" :aria-label="labels.send" :title="labels.send"
            :disabled="over || !text.trim() || pause > 0" @pointerdown.prevent>
            <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="M12 19V5m-6 6 6-6 6 6"/></svg>
          </button>
        </div>
        <div class="composer-foot">
          <span v-if="over" class="field-error" role="alert">{{ labels.too_long }}</span>
          <span v-else-if="pause > 0" role="status">{{ labels.pause.replace("{time}", clock) }}</span>
          <span v-else-if="error" class="field-error" role="alert">{{ error }}</span>
          <span v-else-if="waiting" role="status">{{ labels.wait }}</span>
          <span v-if="count > limit * 0.8" :class="['composer-count', { 'field-error': over }]">{{ count }} / {{ limit }}</span>
        </div>
      </template>
    </form>`,
  setup: () => ({
    width: /** @type {ResizeObserver | undefined} */ (undefined),
    calm: 0,
    ticking: 0,
    composing: false, // an input method (IME) writes into the box
    taken: "", // sent text, to be removed from the box once that has ended
    returning: new Returning(),
  }),
  data() {
    return { text: "", sent: /** @type {Sent | null} */ (null), replying_: false, closed: "", error: "", waiting: false, pause: 0 };
  },
  computed: {
    count() {
      return [...this.text].length;
    },
    over() {
      return this.count > this.limit;
    },
    clock() {
      return `${Math.floor(this.pause / 60)}:${String(this.pause % 60).padStart(2, "0")}`;
    },
  },
  mounted() {
    this.restore();
    this.width = new ResizeObserver(() => this.grow());
    this.width.observe(this.$el);
    if (!coarse.matches && document.activeElement === document.body) this.$refs.box.focus();
    this.$nextTick(() => this.returning.begin(() => this.sendAgain())); // by then the page has its socket
  },
  beforeUnmount() {
    this.width?.disconnect();
    clearTimeout(this.calm);
    clearInterval(this.ticking);
    this.returning.end();
  },
  methods: {
    /** @param {string} clientId */
    accepted(clientId) {
      if (!this.sent || this.sent.client_id !== clientId) return;
      const { text } = this.sent;
      this.sent = null;
      this.error = "";
      if (this.composing) this.taken = text;
      else this.takeOut(text);
    },
    /** @param {string} text */
    takeOut(text) {
      this.write(this.text.startsWith(text) ? this.text.slice(text.length).trimStart() : this.text);
    },
    composed() {
      this.composing = false;
      if (this.taken) this.takeOut(this.taken);
      this.taken = "";
    },
    /** @param {string} clientId @param {string} sentence @param {number} seconds until it may be sent again, or 0 */
    refused(clientId, sentence, seconds) {
      if (this.sent?.client_id !== clientId) return;
      this.sent = null;
      this.error = seconds ? "" : sentence;
      this.keep();
      if (seconds) this.countDown(seconds);
    },
    /** @param {number} seconds */
    countDown(seconds) {
      const end = Date.now() + seconds * 1000;
      const tick = () => {
        this.pause = Math.max(0, Math.ceil((end - Date.now()) / 1000));
        if (!this.pause) clearInterval(this.ticking);
      };
      clearInterval(this.ticking);
      this.ticking = setInterval(tick, 500);
      tick();
    },
    /** @param {boolean} now */
    replying(now) {
      this.replying_ = now;
      if (!now) this.waiting = false;
    },
    /** @param {string} sentence */
    close(sentence) {
      this.closed = sentence;
    },

    /** @param {KeyboardEvent} event */
    press(event) {
      const name = this.text || event.isComposing ? "" : command(event);
      if (!name) return;
      event.preventDefault();
      window.dispatchEvent(new CustomEvent("beseda:composer", { detail: { name } }));
    },
    /** @param {KeyboardEvent} event */
    enter(event) {
      if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || !sends(event)) return; // 229: Safari, still composing
      event.preventDefault();
      this.send();
    },
    /** @param {KeyboardEvent} event */
    escape(event) {
      if (this.replying_ && !event.isComposing) this.$emit("stop");
    },
    send() {
      if (this.taken) this.composed();
      if (!this.text.trim() || this.over || this.pause) return;
      if (this.replying_) return this.askToWait();
      const now = Date.now();
      if (this.sent && now - this.sent.at < PATIENCE) return;
      // Unanswered text is sent again unchanged, with its old id: the server accepts it once (idempotency key).
      const { client_id, text } = this.sent ?? { client_id: newId(), text: this.text };
      this.sent = { client_id, text, at: now };
      this.error = "";
      this.keep();
      this.$emit("send", { text, client_id });
    },
    /** Unanswered text is sent again automatically once the server is back, which knows the message by its id. */
    sendAgain() {
      if (!this.sent) return;
      this.sent.at = Date.now();
      this.$emit("send", { text: this.sent.text, client_id: this.sent.client_id });
    },
    askToWait() {
      this.waiting = true;
      clearTimeout(this.calm);
      this.calm = setTimeout(() => (this.waiting = false), 3000);
    },

    /** @param {string} text */
    write(text) {
      this.text = text;
      if (this.sent?.at === 0) this.sent = null; // left over from before a reload, and changed since
      this.keep();
      this.$nextTick(this.grow);
    },
    grow() {
      if (this.$refs.box) fit(this.$refs.box, LINES);
    },

    // The draft outlives the page, together with the id it was sent with: a reload must not send it twice.
    keep() {
      if (!this.text) return inThisBrowser.remove(this.draftKey);
      inThisBrowser.set(this.draftKey, { text: this.text, client_id: this.sent?.text === this.text ? this.sent.client_id : "" });
    },
    restore() {
      const { text, client_id } = inThisBrowser.get(this.draftKey) ?? {};
      if (!text || typeof text !== "string") return;
      this.text = text;
      if (client_id) this.sent = { client_id, text, at: 0 };
      this.$nextTick(this.grow);
    },
  },
});
