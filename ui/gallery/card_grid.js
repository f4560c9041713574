// Card grid (infinite scroll): the gallery's cards, fetched as the reader nears the end; the query is in the address.

import { EVERYBODY, filtersOf, read, unfiltered, write } from "gallery_address";
import { ExportWindow } from "export_window";
import { Card } from "gallery_card";
import "gallery_filters"; // the toolbar's: imported here, it loads in parallel
import { Menu } from "gallery_menu";
import { PickBar } from "gallery_pick";
import { Toolbar } from "gallery_toolbar";
import { share } from "share_link";
import { defineComponent } from "vue";

const SKELETONS = 12;
const PAUSE = 60; // ms without a key press before the server is asked (debounce)
const SAID_FOR = 4000; // ms

export default defineComponent({
  components: { Card, ExportWindow, Menu, PickBar, Toolbar },
  props: { url: String, labels: Object, filtered: String, signed: Boolean },
  emits: /** @type {Emits<{ action: { name: string; id: number; title: string } }>} */ (["action"]),
  template: `
    <section class="card-gallery" :aria-busy="loading" @click.capture="$event.target.closest('a') && leave($event.target.closest('.card')?.dataset.id)">
      <Toolbar v-bind="{ question, labels, interests, count, author, language, prefix, signed, picking }" @type="type" @change="change" @reset="reset" @down="enter" @pick="pick" />
      <ul v-if="cards.length" ref="cards" :class="['card-grid', { stale: slow }]">
        <Card v-for="card in cards" :key="card.id" v-bind="{ card, labels, prefix, signed, picking }" :picked="picked.includes(card.id)" @pick="turn(card.id)"
          @interest="change({ with: [$event], without: [] })" @favourite="favourite(card)" @menu="$refs.menu.open(card, $event)" />
      </ul>
      <ul v-else-if="!answered && !failed" class="card-grid" aria-hidden="true">
        <li v-for="n in ${SKELETONS}" :key="n" class="card skeleton"><div class="card-photo"></div><div class="card-text">
          <span class="line"></span><span class="line"></span></div></li>
      </ul>
      <div v-else-if="!failed" class="empty">
        <p class="title">{{ empty.title }}</p>
        <p>{{ empty.hint }}</p>
        <div v-if="elsewhere || narrowed" class="actions">
          <button v-if="elsewhere" type="button" class="button" @click="change({ language: 'any' })">{{ labels.any_language }}</button>
          <button v-if="narrowed" type="button" :class="['button', { quiet: elsewhere }]" @click="reset">{{ labels.reset_all }}</button>
        </div>
        <a v-else-if="empty.url" class="button" :href="prefix + empty.url">{{ empty.action }}</a>
      </div>
      <div v-if="failed" class="empty" role="alert">
        <p>{{ labels.failed }}</p>
        <button type="button" class="button" @click="retry">{{ labels.retry }}</button>
      </div>
      <div ref="end" class="card-end"></div>
      <Menu ref="menu" v-bind="{ labels, prefix, signed }" @action="perform" />
      <PickBar v-if="picking" v-bind="{ labels }" :count="picked.length" :all="cards.length" @all="picked = cards.map((card) => card.id).slice(0, labels.most_picked)"
        @export="$refs.export.open(picked, labels.export_window.export_some.replace('{n}', picked.length), true, null)" @done="pick" />
      <ExportWindow ref="export" :labels="labels.export_window" :prefix="prefix" />
      <p class="gallery-said" role="status">{{ said }}</p>
    </section>`,
  setup: () => ({
    loads: 0,
    actions: 0,
    pausing: 0,
    slowing: 0,
    silencing: 0,
    fresh: true, // whether the pending answer replaces what is shown
    near: /** @type {IntersectionObserver | undefined} */ (undefined),
    leaving: new AbortController(), // removes the listeners
  }),
  data() {
    const known = /** @type {Record<string, string[]>} */ ({ tab: this.signed ? this.labels.tabs.map((/** @type {string[]} */ [tab]) => tab) : ["all"], age: this.labels.ages });
    for (const name of ["sort", "gender", "language"]) known[name] = this.labels[`${name}s`].map((/** @type {string[]} */ [value]) => value);
    return {
      prefix: window.path_prefix || "",
      known,
      question: read(location.search, known),
      cards: /** @type {CharacterCard[]} */ ([]),
      interests: /** @type {Interest[]} */ ([]),
      count: "",
      author: "",
      language: this.filtered, // filter by language, chosen by the server; "" for any
      elsewhere: false, // no character is in that language, but there are some in others
      next: /** @type {string | null} */ (null),
      loading: true,
      answered: false, // in this tab: until then skeletons are shown
      slow: false, // the cards shown are old, and the new ones take long
      failed: false,
      said: "",
      picking: false, // characters are being chosen for an export
      picked: /** @type {number[]} */ ([]), // ids
    };
  },
  computed: {
    narrowed() {
      return Boolean(this.question.q.trim() || filtersOf(this.question));
    },
    empty() {
      return this.labels.empty[this.narrowed ? "nobody" : this.elsewhere ? "language" : this.question.tab];
    },
    asked() {
      return this.url + write(this.question);
    },
  },
  mounted() {
    window.addEventListener("popstate", this.turnBack, { signal: this.leaving.signal });
    window.addEventListener("beseda:imported", this.again, { signal: this.leaving.signal });
    this.near = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.more(), {
      rootMargin: "800px",
    });
    const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    if (visit?.type !== "back_forward" || !this.comeBack()) this.load(this.asked, true);
    this.near.observe(this.$refs.end);
  },
  beforeUnmount() {
    for (const timer of [this.pausing, this.slowing, this.silencing]) clearTimeout(timer);
    this.near?.disconnect();
    this.leaving.abort();
    this.loads++;
  },
  methods: {
    /** @param {string} q */
    type(q) {
      this.question = { ...this.question, q };
      clearTimeout(this.pausing);
      this.pausing = setTimeout(() => this.show("replaceState"), q ? PAUSE : 0);
    },
    /** @param {Partial<Question>} part */
    change(part) {
      clearTimeout(this.pausing);
      this.leave();
      const tab = part.tab ?? this.question.tab;
      if (tab !== "mine") Object.assign(this, { picking: false, picked: [] });
      if (tab !== this.question.tab) Object.assign(this, { cards: [], interests: [], count: "", answered: false });
      this.question = { ...this.question, ...part };
      if (part.language) this.language = part.language.replace("any", "");
      this.show("pushState");
    },
    reset() {
      this.change(unfiltered(this.question));
    },
    /** @param {"pushState" | "replaceState"} how */
    show(how) {
      const address = location.pathname + write(this.question);
      if (address !== location.pathname + location.search) history[how](null, "", address);
      const isBelow = this.$refs.cards?.getBoundingClientRect().top < 0;
      if (isBelow) this.$el.scrollIntoView({ block: "start" });
      return this.load(this.asked, true);
    },
    more() {
      if (this.next && !this.loading && !this.failed) this.load(this.next, false);
    },
    retry() {
      return this.fresh || !this.next ? this.load(this.asked, true) : this.load(this.next, false);
    },
    /** The cards of an address, instead of those shown (`fresh`) or after them. Late answers are dropped. */
    /** @param {string} url @param {boolean} fresh */
    async load(url, fresh) {
      const mine = ++this.loads;
      Object.assign(this, { loading: true, failed: false, fresh });
      clearTimeout(this.slowing);
      this.slowing = setTimeout(() => (this.slow = fresh && this.loading), 200);
      const page = await this.fetched(url);
      if (mine !== this.loads) return;
      Object.assign(this, { loading: false, slow: false, failed: !page, answered: Boolean(page) || this.answered });
      if (!page) return void (fresh && (this.cards = []));
      const known = new Set(fresh ? [] : this.cards.map((card) => card.id));
      const news = page.cards.filter((card) => !known.has(card.id));
      this.cards = fresh ? news : [...this.cards, ...news];
      this.next = page.next;
      if (fresh) Object.assign(this, { count: page.count, author: page.author, language: page.language, elsewhere: page.is_elsewhere });
      if (fresh && !this.interests.length) this.interests = page.interests ?? [];
      await this.$nextTick();
      this.near?.unobserve(this.$refs.end); // re-observed: the end may still be in view
      this.near?.observe(this.$refs.end);
    },
    /** @param {string} url @returns {Promise<CardPage | null>} */
    async fetched(url) {
      const early = window.galleryAsked; // prefetched by the page's head
      window.galleryAsked = null;
      try {
        const answer = await (early && early.url === url ? early.answer : fetch(this.prefix + url));
        return answer.ok ? await answer.json() : null;
      } catch {
        return null; // no network, or no JSON: the page says so
      }
    },

    /** @param {CharacterCard} card */
    async favourite(card) {
      this.actions++; // a pending answer does not know of it
      card.is_favourite = !card.is_favourite;
      const wish = card.is_favourite;
      const answer = await fetch(`${this.prefix}/feed/characters/${card.id}/favourite`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ favourite: wish }),
      }).catch(() => null);
      if (answer?.ok) return;
      card.is_favourite = !wish;
      this.tell(this.labels.not_saved);
    },
    /** @param {string} name @param {CharacterCard} card */
    async perform(name, card) {
      if (name === "export") return this.$refs.export.open([card.id], this.labels.export_window.export_named.replace("{name}", card.name), card.is_own, null);
      if (name !== "share") {
        this.leave(card.id);
        return this.$emit("action", { name, id: card.id, title: card.name });
      }
      const done = await share(this.prefix + card.url, card.name);
      if (done !== "shared") this.tell(done ? this.labels.copied : this.labels.not_copied);
    },
    pick() {
      Object.assign(this, { picking: !this.picking, picked: [] });
    },
    /** @param {number} id */
    turn(id) {
      const { picked } = this;
      if (picked.includes(id)) this.picked = picked.filter((each) => each !== id);
      else if (picked.length < this.labels.most_picked) this.picked = [...picked, id];
      else this.tell(this.labels.picked_enough);
    },
    /** @param {string} said */
    tell(said) {
      this.said = said;
      clearTimeout(this.silencing);
      this.silencing = setTimeout(() => (this.said = ""), SAID_FOR);
    },
    /** A character was deleted or restored: repeat the query. */
    again() {
      return this.load(this.asked, true);
    },

    // Going back from a character, or to another query, restores the same cards and scroll position.
    /** @param {number | string} [card] the id of the one that is left for */
    leave(card) {
      if (this.loading && this.fresh) return;
      const { cards, count, author, language, next, interests, asked } = this;
      const gallery = JSON.stringify({ cards, count, author, language, next, interests, asked, card, top: window.scrollY - this.top() });
      try {
        history.replaceState({ ...history.state, gallery }, "");
      } catch {
        // too much to store: the gallery then starts at the top
      }
    },
    /** Offset of the gallery on the page: the content above it may have changed when the reader comes back. */
    top() {
      return this.$el.getBoundingClientRect().top + window.scrollY;
    },
    comeBack() {
      if (!history.state?.gallery) return false;
      const { top, asked, card, ...kept } = JSON.parse(history.state.gallery);
      if (asked !== this.asked) return false;
      this.loads++; // a pending answer is no longer wanted
      Object.assign(this, kept, { loading: false, slow: false, failed: false, answered: true });
      this.$nextTick(() => {
        window.scrollTo(0, top + this.top());
        if (card) this.focus(`[data-id="${card}"] .card-link`);
      });
      this.refresh();
      return true;
    },
    /** Update the cards with changes made elsewhere (a star, a chat, a new name); none is added or removed. */
    async refresh() {
      const [asked, actions] = [this.asked, this.actions];
      let left = this.cards.length;
      let url = /** @type {string | null} */ (asked);
      while (url && left > 0) {
        const page = await this.fetched(url);
        if (!page?.cards.length || asked !== this.asked || actions !== this.actions) return;
        const news = new Map(page.cards.map((card) => [card.id, card]));
        this.cards = this.cards.map((card) => news.get(card.id) ?? card);
        url = page.next;
        left -= page.cards.length;
      }
    },
    /** ↓ in the search moves into the cards. */
    enter() {
      this.focus(".card-link");
    },
    /** @param {string} which */
    focus(which) {
      /** @type {HTMLElement | null} */ (this.$el.querySelector(which))?.focus({ preventScroll: which !== ".card-link" });
    },
    turnBack() {
      clearTimeout(this.pausing);
      this.question = { ...EVERYBODY, ...read(location.search, this.known) };
      if (!this.comeBack()) this.load(this.asked, true);
    },
  },
});
