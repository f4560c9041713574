// Dialog list, grouped by day: links with a menu beside each; fetched once, then updated by the server.

// dialog_menu.js in the header opens the menu by `beseda:actions` and hears of changes by `beseda:dialog`.

import { Actions } from "dialog_actions";
import { Search } from "dialog_search";
import { defineComponent, reactive } from "vue";

const WAIT = 30_000; // ms to wait for an answer: nothing else is fetched meanwhile
const ABSENCE = 10 * 60_000; // ms in the background after which the list is fetched again: it may be another day

/** @typedef {import("dialog_search").DialogPage} DialogPage */

/** @param {string} url @param {string} query @returns {Promise<DialogPage | null>} */
async function ask(url, query) {
  try {
    const signal = AbortSignal.timeout?.(WAIT); // older browsers wait as long as the network does
    const answer = await fetch((window.path_prefix || "") + url + query, { headers: { Accept: "application/json" }, signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // no network, or no JSON: the page says so
  }
}

export default defineComponent({
  components: { Actions },
  props: { url: String, labels: Object, here: Number },
  emits: /** @type {Emits<{ action: { name: string; id: number; title: string }; reveal: void }>} */ (["action", "reveal"]),
  template: `
    <section class="dialog-column" @keydown="press">
      <form role="search" class="dialog-search" @submit.prevent="enter">
        <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path d="M20 20l-4.5-4.5M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z"/></svg>
        <input ref="field" type="search" dir="auto" :value="search.query" :aria-label="labels.search" :placeholder="labels.placeholder" maxlength="100"
          autocomplete="off" spellcheck="false" @input="search.write($event.target.value)" @keydown.esc.stop.prevent="escape">
        <kbd v-if="!search.query" aria-hidden="true">{{ shortcut }}</kbd>
      </form>
      <p class="dialog-said" role="status">{{ search.said }}</p>
      <nav class="dialog-list" :aria-label="labels.list" :aria-busy="!items && !failed">
        <p v-if="failed && !search.found" class="dialog-failed" role="alert">
          <span>{{ labels.failed }}</span>
          <button type="button" class="small-button" @click="load">{{ labels.retry }}</button>
        </p>
        <p v-if="items && !items.length && !search.found" class="muted">{{ labels.empty }}</p>
        <section v-for="group in groups" :key="group.label">
          <h2 v-if="group.label" class="dialog-day">{{ group.label }}</h2>
          <ul>
            <li v-for="item in group.items" :key="item.id" :data-id="item.id" :class="['dialog', { active: item.id === here }]">
              <a class="dialog-link" :href="address(item)" :aria-current="item.id === here ? 'page' : null" @click="go($event, item)">
                <img :src="prefix + item.picture" alt="" width="40" height="40" loading="lazy">
                <span class="dialog-text">
                  <span class="dialog-name" dir="auto" :title="item.name"><template v-for="part in search.marked(item.name)"><mark v-if="part.hit">{{ part.text }}</mark><template v-else>{{ part.text }}</template></template></span>
                  <span class="dialog-time">{{ item.time }}</span>
                  <span v-if="item.running && !item.found" class="dialog-running">{{ labels.running }}</span>
                  <span v-else :class="['dialog-snippet', { found: item.found }]" dir="auto"><template v-for="part in search.marked(item.snippet)"><mark v-if="part.hit">{{ part.text }}</mark><template v-else>{{ part.text }}</template></template></span>
                </span>
              </a>
              <button type="button" class="dialog-more" aria-haspopup="menu" aria-expanded="false" :aria-label="labels.more.replace('{name}', item.name)"
                @click="$refs.actions.open(item, $event.currentTarget)">⋯</button>
            </li>
          </ul>
        </section>
        <p v-if="note && !search.found" class="muted">{{ note }}</p>
      </nav>
      <Actions ref="actions" :labels="labels" :prefix="prefix" @action="$emit('action', $event)" />
    </section>`,
  setup: ({ url, labels }) => ({
    search: reactive(new Search((query) => ask(url, query), labels.failed)),
    late: /** @type {[DialogLine[], number[]][]} */ ([]), // updates received while the list was being fetched
    loading: false,
    again: false, // whether the list was requested while an answer, perhaps an older one, was on its way
    wanted: false, // whether the field gets the focus once it is visible
    seeing: /** @type {IntersectionObserver | undefined} */ (undefined),
    leaving: new AbortController(), // removes the listeners
  }),
  data() {
    return { prefix: "", items: /** @type {DialogLine[] | null} */ (null), note: "", failed: false };
  },
  computed: {
    groups() {
      const { found } = this.search;
      if (found) return found.length ? [{ label: "", items: found }] : [];
      const groups = /** @type {{ label: string; items: DialogLine[] }[]} */ ([]);
      for (const item of this.items ?? []) {
        const group = groups.at(-1);
        if (group?.label === item.group) group.items.push(item);
        else groups.push({ label: item.group, items: [item] });
      }
      return groups;
    },
    shortcut() {
      return /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘K" : "Ctrl+K";
    },
  },
  async mounted() {
    await this.$nextTick(); // by then the page knows its path_prefix
    this.prefix = window.path_prefix || "";
    const { signal } = this.leaving;
    let hidden = 0;
    window.addEventListener("keydown", this.hotkey, { signal });
    window.addEventListener("beseda:actions", ({ detail }) => this.$refs.actions.open(detail.dialog, detail.button), { signal });
    document.addEventListener(
      "visibilitychange",
      () => {
        if (document.hidden) hidden = Date.now();
        else if (this.items && Date.now() - hidden >= ABSENCE) this.load();
      },
      { signal },
    );
    this.seeing = new IntersectionObserver((entries) => entries.at(-1)?.isIntersecting && this.seen());
    this.seeing.observe(this.$refs.field);
  },
  beforeUnmount() {
    this.search.end();
    this.seeing?.disconnect();
    this.leaving.abort();
  },
  methods: {
    /** Changed lines, and ids of deleted dialogs. A list that was never visible is not fetched yet. */
    /** @param {DialogLine[]} lines @param {number[]} gone */
    follow(lines, gone) {
      for (const line of lines) window.dispatchEvent(new CustomEvent("beseda:dialog", { detail: line }));
      if (this.loading) this.late.push([lines, gone]);
      if (!this.items) return;
      const refocus = this.focusKept();
      const changed = new Map(lines.map((line) => [line.id, line]));
      const stays = (/** @type {DialogLine} */ { id }) => !changed.has(id) && !gone.includes(id);
      this.items = [...this.items.filter(stays), ...lines].sort(
        (one, other) => Number(other.pinned) - Number(one.pinned) || other.at - one.at || other.id - one.id,
      );
      this.search.follow(changed, gone);
      this.$nextTick(refocus);
    },
    /** Restores the focus: a line that moves to another group is re-rendered, a deleted one passes it to the next. */
    focusKept() {
      const focused = /** @type {HTMLElement | null} */ (document.activeElement);
      const line = focused && this.$el.contains(focused) && /** @type {HTMLElement | null} */ (focused.closest(".dialog"));
      if (!line) return () => {};
      const at = this.links().findIndex((link) => line.contains(link));
      return () => {
        if (this.$el.contains(document.activeElement)) return;
        const same = this.$el.querySelector(`[data-id="${line.dataset.id}"]`);
        const again = /** @type {HTMLElement | null | undefined} */ (same?.querySelector(`.${focused.className}`));
        const next = again ?? this.links()[at] ?? this.links().at(-1) ?? this.$refs.field;
        next.focus({ preventScroll: true });
      };
    },
    renamed() {
      this.$refs.actions.renamed();
    },
    /** @param {string} sentence */
    renameRefused(sentence) {
      this.$refs.actions.refused(sentence);
    },

    async load() {
      this.again = this.loading;
      if (this.loading) return;
      this.loading = true;
      const answer = await ask(this.url, "");
      this.loading = false;
      this.failed = !answer;
      if (answer) Object.assign(this, { items: answer.dialogs, note: answer.note });
      for (const [lines, gone] of this.late.splice(0)) this.follow(lines, gone);
      if (this.again) await this.load();
    },
    refresh() {
      if (this.items || this.loading) this.load();
    },
    seen() {
      if (!this.items && !this.loading) this.load();
      if (!this.wanted) return;
      this.wanted = false;
      this.$refs.field.focus();
    },

    /** @param {DialogLine} item */
    address(item) {
      const found = item.found ? `#m${item.found}&find=${encodeURIComponent(this.search.query)}` : ""; // find_bar.js
      return `${this.prefix}/chat/${item.id}${found}`;
    },
    /** A search result may be on another branch than the one being read: switch to that first. */
    /** @param {MouseEvent} event @param {DialogLine} item */
    async go(event, item) {
      if (!item.found || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const turn = `${this.prefix}${this.url}/${item.id}/turn/${item.found}`;
      await fetch(turn, { method: "POST" }).catch(() => {}); // if it fails the dialog opens at its end
      // On a phone the list covers the dialog: close it.
      /** @type {HTMLElement | null} */ (document.querySelector(".q-drawer__backdrop:not(.hidden)"))?.click();
      location.href = this.address(item);
    },

    /** @param {KeyboardEvent} event */
    hotkey(event) {
      // By physical key: on a Russian keyboard layout it is another letter.
      if (event.code !== "KeyK" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
      event.preventDefault();
      const { left, right } = this.$refs.field.getBoundingClientRect();
      this.wanted = right <= 0 || left >= innerWidth;
      if (this.wanted) this.$emit("reveal");
      else this.$refs.field.select();
    },
    /** To the first search result. */
    async enter() {
      if (!(await this.search.searchNow())) return;
      await this.$nextTick();
      this.links()[0]?.click();
    },
    /** Esc: first clears the search, then leaves the field. */
    escape() {
      if (this.search.query) this.search.write("");
      else this.leave();
    },
    /** Back to the composer, if the page has one. */
    leave() {
      this.$refs.field.blur();
      /** @type {HTMLElement | null} */ (document.querySelector(".composer textarea"))?.focus();
    },
    links() {
      return /** @type {HTMLElement[]} */ ([...this.$el.querySelectorAll(".dialog-link")]);
    },
    /** @param {KeyboardEvent} event */
    press(event) {
      const step = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 })[event.key];
      const at = this.links().findIndex((link) => link === document.activeElement);
      if (!step || (at < 0 && document.activeElement !== this.$refs.field)) return;
      const to = at + step < 0 ? this.$refs.field : this.links()[at + step];
      if (!to) return;
      event.preventDefault();
      to.focus();
    },
  },
});
