// Find bar: after a search in the list of chats, goes back and forth between the messages of this chat that it found.

// The address has the words sought in its fragment, after the message shown: `#m17&find=words`. No server gets that.

import { defineComponent } from "vue";

/** @returns {{ at: number; words: string } | null} */
function asked() {
  const [, id, words] = /^#m(\d+)&find=(.+)$/.exec(location.hash) ?? [];
  try {
    return id ? { at: Number(id), words: decodeURIComponent(words) } : null;
  } catch {
    return null; // malformed
  }
}

export default defineComponent({
  props: { url: String, labels: Object },
  template: `
    <div v-if="found.length" class="find-bar" role="group" :aria-label="labels.title" @keydown.esc.stop="close">
      <span class="find-words">{{ words }}</span>
      <span class="find-place" role="status">{{ place }}</span>
      <button type="button" class="find-step" :aria-label="labels.previous" :title="labels.previous" @click="step(-1)">
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="m6 15 6-6 6 6"/></svg>
      </button>
      <button type="button" class="find-step" :aria-label="labels.next" :title="labels.next" @click="step(1)">
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="m6 9 6 6 6-6"/></svg>
      </button>
      <button type="button" class="find-step" :aria-label="labels.close" :title="labels.close" @click="close">✕</button>
    </div>`,
  setup: () => ({ leaving: new AbortController() }),
  data() {
    return { words: "", found: /** @type {number[]} */ ([]), at: 0 };
  },
  computed: {
    place() {
      return this.labels.place.replace("{n}", this.found.indexOf(this.at) + 1).replace("{all}", this.found.length);
    },
  },
  async mounted() {
    await this.$nextTick(); // by then the page knows its path_prefix
    window.addEventListener("hashchange", this.look, { signal: this.leaving.signal });
    this.look();
  },
  beforeUnmount() {
    this.leaving.abort();
  },
  methods: {
    address(end = "") {
      return (window.path_prefix || "") + this.url + end;
    },
    async look() {
      const sought = asked();
      if (!sought) return;
      this.at = sought.at;
      if (sought.words === this.words) return;
      this.words = sought.words;
      try {
        const answer = await fetch(this.address(`/found?search=${encodeURIComponent(sought.words)}`));
        const { found } = answer.status === 200 ? await answer.json() : { found: [] };
        if (this.words === sought.words) this.found = found.includes(this.at) ? found : [];
      } catch {
        this.found = []; // no network: the message is shown without the bar
      }
    },
    /** Goes to the previous or next message, wrapping around; switches to its branch first. @param {number} by */
    async step(by) {
      const { length } = this.found;
      const id = this.found[(this.found.indexOf(this.at) + by + length) % length];
      await fetch(this.address(`/turn/${id}`), { method: "POST" }).catch(() => {});
      const hash = `#m${id}&find=${encodeURIComponent(this.words)}`;
      if (hash === location.hash) window.dispatchEvent(new HashChangeEvent("hashchange")); // the only one: again
      else location.replace(hash);
    },
    close() {
      Object.assign(this, { words: "", found: [] });
      history.replaceState(history.state, "", location.pathname + location.search);
      /** @type {HTMLElement | null} */ (document.querySelector(".composer textarea"))?.focus();
    },
  },
});
