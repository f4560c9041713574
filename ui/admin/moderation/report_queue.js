// Moderation queue: the reports that wait, with the chosen one marked; keyboard shortcuts navigate and decide.

import { defineComponent } from "vue";

// By physical key: on a Russian keyboard layout they are other letters.
const ACTIONS = /** @type {Record<string, string>} */ ({ KeyC: "take", KeyA: "uphold", KeyR: "reject", KeyS: "postpone" });
const STEPS = /** @type {Record<string, number>} */ ({ KeyJ: 1, KeyK: -1 });

export default defineComponent({
  props: { cases: /** @type {PropType<ReportCase[]>} */ (Array), chosen: Number, labels: Object },
  emits: /** @type {Emits<{ choose: { id: number }; action: { name: string } }>} */ (["choose", "action"]),
  template: `
    <section class="queue-side">
      <div v-if="cases.length" ref="steps" class="queue-steps" tabindex="-1">
        <button type="button" class="small-button" :disabled="at <= 0" :aria-label="labels.previous" aria-keyshortcuts="K" @click="step(-1)"><span aria-hidden="true">‹ <kbd data-key="K"></kbd></span></button>
        <span role="status">{{ position }}</span>
        <button type="button" class="small-button" :disabled="at >= cases.length - 1" :aria-label="labels.next" aria-keyshortcuts="J" @click="step(1)"><span aria-hidden="true"><kbd data-key="J"></kbd> ›</span></button>
      </div>
      <ul class="queue-list" :aria-label="labels.list">
        <li v-for="each in cases" :key="each.id">
          <button type="button" class="queue-case" :data-id="each.id" :aria-current="each.id === chosen ? 'true' : null" @click="$emit('choose', { id: each.id })">
            <img :src="prefix + each.picture" alt="" width="40" height="40" loading="lazy">
            <span class="queue-words">
              <span class="queue-name">{{ each.name }}</span>
              <span class="queue-complaint">{{ each.complaint }}</span>
              <span class="muted">{{ each.note }}</span>
            </span>
          </button>
        </li>
      </ul>
    </section>`,
  setup: () => ({ leaving: new AbortController() }), // removes the listener
  data() {
    return { prefix: "" };
  },
  computed: {
    at() {
      return this.cases.findIndex(({ id }) => id === this.chosen);
    },
    position() {
      return this.labels.position.replace("{at}", String(this.at + 1)).replace("{of}", String(this.cases.length));
    },
  },
  watch: {
    chosen: {
      flush: "post",
      handler() {
        this.follow();
      },
    },
  },
  async mounted() {
    window.addEventListener("keydown", this.press, { signal: this.leaving.signal });
    await this.$nextTick(); // by then the page knows its path_prefix
    this.prefix = window.path_prefix || "";
  },
  beforeUnmount() {
    this.leaving.abort();
  },
  methods: {
    /** @param {KeyboardEvent} event */
    press(event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || this.isElsewhere(/** @type {Element} */ (event.target))) return;
      if (STEPS[event.code]) this.step(STEPS[event.code]);
      else if (ACTIONS[event.code] && this.at >= 0) this.$emit("action", { name: ACTIONS[event.code] });
      else return;
      event.preventDefault();
    },
    /** While typing, or with a window or menu open, keys are not shortcuts. @param {Element} target */
    isElsewhere(target) {
      return target.closest("input, textarea, select, [contenteditable]") || document.querySelector(".q-dialog, .q-menu");
    },
    /** @param {number} by */
    step(by) {
      const next = this.cases[this.at + by];
      if (next) this.$emit("choose", { id: next.id });
    },
    /** The focus follows the chosen case, unless it is in a field or elsewhere on the page. */
    follow() {
      const focused = document.activeElement;
      const case_ = /** @type {HTMLElement | null} */ (this.$el.querySelector("[aria-current]"));
      case_?.scrollIntoView({ block: "nearest" });
      if (focused && focused !== document.body && !this.$el.contains(focused)) return;
      (case_?.offsetParent ? case_ : this.$refs.steps)?.focus({ preventScroll: true });
    },
  },
});
