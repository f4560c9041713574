// Toolbar of the gallery: tabs, the search, the order, and on a phone the button for the filters.

import { filtersOf, write } from "gallery_address";
import { Filters } from "gallery_filters";
import { defineComponent } from "vue";

const NARROW = matchMedia("(width < 720px)");

export const Toolbar = defineComponent({
  components: { Filters },
  props: { question: /** @type {PropType<Question>} */ (Object), labels: Object, interests: /** @type {PropType<Interest[]>} */ (Array), count: String, author: String, language: String, prefix: String, signed: Boolean, picking: Boolean },
  emits: ["type", "change", "reset", "down", "pick"],
  template: `
    <div v-if="signed" class="gallery-head">
      <nav class="gallery-tabs" :aria-label="labels.gallery">
        <a v-for="[tab, words] in labels.tabs" :key="tab" :href="prefix + '/' + address(tab)" :aria-current="tab === question.tab ? 'page' : null"
          @click.exact.prevent="$emit('change', { tab, sort: '' })">{{ words }}</a>
      </nav>
      <div v-if="!narrow || isMine" class="gallery-make">
        <button v-if="isMine" type="button" class="small-button" :aria-pressed="String(picking)" @click="$emit('pick')">{{ labels.pick }}</button>
        <button type="button" class="small-button" @click="importCards">{{ labels.import }}</button>
        <a v-if="isMine" class="small-button" :href="prefix + '/characters/new'">{{ labels.create }}</a>
      </div>
    </div>
    <div class="gallery-bar">
      <form role="search" class="gallery-search" @submit.prevent>
        <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d="M20 20l-4.5-4.5M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z"/></svg>
        <input ref="field" type="search" dir="auto" :value="question.q" :aria-label="labels.search" :placeholder="labels.placeholder" maxlength="100"
          autocomplete="off" spellcheck="false" @input="$emit('type', $event.target.value)" @keydown.esc.stop.prevent="escape" @keydown.down.prevent="$emit('down')">
        <kbd v-if="!question.q" aria-hidden="true">/</kbd>
      </form>
      <p v-if="!narrow" class="card-count" role="status">{{ count }}</p>
      <select v-if="!narrow" class="filter-select" :value="order" :aria-label="labels.sort" @change="sort">
        <option v-for="[value, words] in sorts" :key="value" :value="value">{{ words }}</option>
      </select>
      <button v-if="narrow" type="button" class="filter-open" aria-haspopup="dialog" @click="$refs.sheet.showModal()">
        <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d="M4 6h16M7 12h10M10 18h4"/></svg>
        {{ labels.filters }}<span v-if="filters" class="filter-number">{{ filters }}</span>
      </button>
    </div>
    <p v-if="narrow" class="card-count" role="status">{{ count }}</p>
    <ul v-if="chips.length" class="filter-set">
      <li v-for="{ words, without } in chips" :key="words"><button type="button" class="chip with" :aria-label="labels.drop.replace('{filter}', words)"
        @click="$emit('change', without)">{{ words }}<span aria-hidden="true"> ✕</span></button></li>
    </ul>
    <dialog v-if="narrow" ref="sheet" class="filter-sheet" :aria-label="labels.filters" @click.self="$refs.sheet.close()">
      <form method="dialog" @submit.prevent="$refs.sheet.close()">
        <h2>{{ labels.filters }}</h2>
        <label class="filter-order">{{ labels.sort }}
          <select class="filter-select" :value="order" @change="sort">
            <option v-for="[value, words] in sorts" :key="value" :value="value">{{ words }}</option>
          </select>
        </label>
        <Filters v-bind="{ question, labels, interests, language, prefix }" @change="$emit('change', $event)" />
        <div class="actions">
          <button type="button" class="button quiet" :disabled="!filters" @click="$emit('reset')">{{ labels.reset }}</button>
          <button type="submit" class="button">{{ count ? labels.show.replace("{count}", count) : labels.close }}</button>
        </div>
      </form>
    </dialog>
    <div v-else class="filter-line">
      <Filters v-bind="{ question, labels, interests, language, prefix }" @change="$emit('change', $event)" />
      <button v-if="filters" type="button" class="small-button" @click="$emit('reset')">{{ labels.reset }}</button>
    </div>`,
  setup: () => ({ leaving: new AbortController() }), // removes the listeners
  data() {
    return { narrow: NARROW.matches };
  },
  computed: {
    filters() {
      return filtersOf(this.question);
    },
    /** Filters that the filter line does not show, language and author: each can be removed here. */
    chips() {
      return [
        ...(this.language ? [{ words: this.labels.in_language[this.language], without: { language: "any" } }] : []),
        ...(this.question.author && this.author ? [{ words: this.labels.by_author.replace("{author}", this.author), without: { author: "" } }] : []),
      ];
    },
    isMine() {
      return this.question.tab === "mine";
    },
    searches() {
      return Boolean(this.question.q.trim());
    },
    /** The order by last chat is only for people who are logged in. */
    sorts() {
      const sorts = this.labels.sorts.filter((/** @type {string[]} */ [value]) => this.signed || value !== "recent");
      return this.searches ? [["", this.labels.best], ...sorts] : sorts;
    },
    /** Search results are ordered by relevance by default. */
    usual() {
      return this.searches ? "" : this.labels.orders[this.question.tab];
    },
    order() {
      return this.question.sort || this.usual;
    },
  },
  mounted() {
    const { signal } = this.leaving;
    NARROW.addEventListener("change", () => (this.narrow = NARROW.matches), { signal });
    window.addEventListener("keydown", this.hotkey, { signal });
  },
  beforeUnmount() {
    this.leaving.abort();
  },
  methods: {
    /** @param {string} tab */
    address(tab) {
      return write({ ...this.question, tab, sort: "" });
    },
    /** @param {On<Event, HTMLSelectElement>} event */
    sort({ target }) {
      this.$emit("change", { sort: target.value === this.usual ? "" : target.value });
    },
    /** ui/cards/card_import.js hears it. */
    importCards() {
      window.dispatchEvent(new CustomEvent("beseda:import"));
    },
    /** Esc: first clears the search, then leaves the field. */
    escape() {
      if (this.question.q) this.$emit("type", "");
      else this.$refs.field.blur();
    },
    /** «/», also by physical key: on a Russian keyboard layout it is another character. */
    /** @param {KeyboardEvent} event */
    hotkey(event) {
      const slash = event.key === "/" || (event.code === "Slash" && !event.shiftKey);
      const { target } = event;
      const busy = target instanceof Element && target.closest("input, textarea, select, dialog, [contenteditable]");
      if (!slash || busy || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.$refs.field.select();
    },
  },
});
