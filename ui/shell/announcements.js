// Announcement banner: what the owners tell everybody, above the page, until it ends or is dismissed in this browser.

import { inThisBrowser } from "browser_store";
import { defineComponent } from "vue";

const PUT_AWAY = "beseda:announcements"; // ids, only the latest
const KEPT = 50;
const LONGEST = 2 ** 31 - 1; // ms, the maximum of a timer

export default defineComponent({
  props: { url: String, first: /** @type {PropType<Announcement[]>} */ (Array), close: String, label: String },
  template: `
    <aside v-show="shown.length" class="announcements" :aria-label="label">
      <div v-for="each in shown" :key="each.id" :class="['announcement', each.level]" role="status">
        <p>{{ each.text }}</p>
        <button v-if="each.dismissible" type="button" :aria-label="close" :title="close" @click="putAway(each.id)">✕</button>
      </div>
    </aside>`,
  setup: () => ({ timer: 0 }),
  data() {
    const kept = inThisBrowser.get(PUT_AWAY);
    return { all: this.first, away: /** @type {number[]} */ (Array.isArray(kept) ? kept : []) };
  },
  computed: {
    shown() {
      return this.all.filter(({ id, dismissible }) => !dismissible || !this.away.includes(id));
    },
  },
  async mounted() {
    await this.$nextTick(); // by then the page knows its path_prefix
    this.load();
  },
  beforeUnmount() {
    clearTimeout(this.timer);
  },
  methods: {
    async load() {
      clearTimeout(this.timer);
      try {
        const answer = await fetch((window.path_prefix || "") + this.url);
        if (!answer.ok) return;
        const { announcements, next } = await answer.json();
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
