// Announcement banner: what the owners tell everybody, above the page, until it ends or is dismissed in this browser.

import { inThisBrowser } from "browser_store";
import { defineComponent } from "vue";

const PUT_AWAY = "beseda:announcements"; // ids, only the latest
const KEPT = 50;
const LONGEST = 2 ** 31 - 1; // ms, the maximum of a timer

export default defineComponent({
  props: { url: String, first: /** @type {PropType<Announcement[]>} */ (Array), labels: Object },
  template: `
    <aside v-show="shown.length" class="announcements" :aria-label="labels.announcements">
      <div v-for="each in shown" :key="each.id" :class="['announcement', each.level]" role="status">
        <p ref="texts" :data-id="each.id" :class="{ folded: !unfolded.includes(each.id) }">{{ each.text }}</p>
        <button v-if="long.includes(each.id)" type="button" class="announcement-more" :aria-expanded="String(unfolded.includes(each.id))"
          @click="fold(each.id)">{{ unfolded.includes(each.id) ? labels.less : labels.more }}</button>
        <button v-if="each.dismissible" type="button" class="announcement-close" :aria-label="labels.close" :title="labels.close" @click="putAway(each.id)">✕</button>
      </div>
    </aside>`,
  setup: () => ({ timer: 0, asked: 0, answered: 0, resizing: /** @type {ResizeObserver | undefined} */ (undefined) }),
  data() {
    const kept = inThisBrowser.get(PUT_AWAY);
    return {
      all: this.first,
      away: /** @type {number[]} */ (Array.isArray(kept) ? kept : []),
      long: /** @type {number[]} */ ([]), // ids of those that do not fit into their lines
      unfolded: /** @type {number[]} */ ([]),
    };
  },
  computed: {
    shown() {
      return this.all.filter(({ id, dismissible }) => !dismissible || !this.away.includes(id));
    },
  },
  watch: {
    shown: {
      flush: "post",
      handler() {
        this.measure();
      },
    },
  },
  async mounted() {
    this.resizing = new ResizeObserver(() => this.measure());
    this.resizing.observe(this.$el);
    await this.$nextTick(); // by then the page knows its path_prefix
    this.load();
  },
  beforeUnmount() {
    clearTimeout(this.timer);
    this.resizing?.disconnect();
  },
  methods: {
    /** Finds the texts longer than their lines: an unfolded one counts as such until it is folded again. */
    measure() {
      const texts = /** @type {HTMLElement[]} */ (this.$refs.texts ?? []);
      const cut = texts.filter((text) => text.scrollHeight > text.clientHeight + 1).map((text) => Number(text.dataset.id));
      this.long = [...this.unfolded, ...cut];
    },
    /** @param {number} id */
    fold(id) {
      const rest = this.unfolded.filter((each) => each !== id);
      this.unfolded = rest.length < this.unfolded.length ? rest : [...rest, id];
    },
    async load() {
      clearTimeout(this.timer);
      const asked = ++this.asked;
      try {
        const answer = await fetch((window.path_prefix || "") + this.url);
        if (!answer.ok) return;
        const { announcements, next } = await answer.json();
        if (asked < this.answered) return; // a later request has been answered already
        this.answered = asked;
        this.all = announcements;
        if (next !== null) this.timer = setTimeout(() => this.load(), Math.min(next + 500, LONGEST));
      } catch {
        // no network: no news
      }
    },
    /** @param {number} id */
    putAway(id) {
      this.away = [...this.away, id].slice(-KEPT);
      inThisBrowser.set(PUT_AWAY, this.away);
    },
  },
});
