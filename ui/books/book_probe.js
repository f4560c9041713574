// Book probe: write or paste a line to see which entries fire on it, why, and in what order.

import { fit } from "text_box";
import { defineComponent } from "vue";

const WAIT = 500; // ms after the last key press
const LINES = 8;

export const BookProbe = defineComponent({
  props: { labels: Object, ask: /** @type {PropType<(text: string) => Promise<BookAnswer>>} */ (/** @type {unknown} */ (Function)), revision: Number, limit: Number },
  emits: /** @type {Emits<{ open: number }>} */ (["open"]),
  template: `
    <details class="fold book-probe" open><summary>{{ labels.probe }}</summary>
      <div class="book-fold">
        <label class="muted" for="book-probe">{{ labels.probe_hint }}</label>
        <textarea id="book-probe" ref="box" v-model="typed" rows="2" dir="auto" :maxlength="limit" :placeholder="labels.probe_sample" @input="typing"></textarea>
        <div role="status" :aria-busy="String(busy)">
          <p v-if="error" class="field-error">{{ error }}</p>
          <p v-else-if="told && !told.fired.length" class="muted">{{ labels.probe_none }}</p>
          <p v-else-if="told" class="muted">{{ told.words }}</p>
        </div>
        <ol v-if="told && told.fired.length" class="book-fired">
          <li v-for="each in told.fired" :key="each.id"><button type="button" class="link" dir="auto" @click="$emit('open', each.id)">{{ each.name }}</button>
            <span class="muted">{{ each.why }}</span></li></ol>
        <template v-if="told && told.left_out.length"><p class="book-left-title">{{ labels.probe_left }}</p>
          <ul class="book-fired"><li v-for="each in told.left_out" :key="each.id"><button type="button" class="link" dir="auto" @click="$emit('open', each.id)">{{ each.name }}</button>
            <span class="muted">{{ each.why }}</span></li></ul></template>
      </div>
    </details>`,
  setup: () => ({ timer: 0, asked: 0 }),
  data: () => ({ typed: "", told: /** @type {Probe | null} */ (null), error: "", busy: false }),
  watch: {
    /** The book has changed. */
    revision() {
      if (this.typed.trim()) this.soon();
    },
  },
  mounted() {
    if (matchMedia("(width < 1000px)").matches) /** @type {HTMLDetailsElement} */ (this.$el).open = false; // on a small screen the table comes first
  },
  beforeUnmount() {
    clearTimeout(this.timer);
  },
  methods: {
    typing() {
      fit(this.$refs.box, LINES);
      this.soon();
    },
    soon() {
      clearTimeout(this.timer);
      this.timer = setTimeout(this.look, WAIT);
    },
    async look() {
      const asked = ++this.asked;
      const text = this.typed.trim();
      if (!text) return void Object.assign(this, { busy: false, error: "", told: null });
      this.busy = true;
      const { error, probe } = await this.ask(text);
      if (asked !== this.asked) return;
      Object.assign(this, { busy: false, error: error ?? "", told: probe ?? null });
    },
  },
});
