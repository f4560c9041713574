// The gallery: cards by fetch, more of them when the reader comes near the end.

const SHOWN_TAGS = 3;
const SKELETONS = 12;

export default {
  props: { url: String, labels: Object },
  template: `
    <section class="card-gallery" :aria-busy="loading">
      <p v-if="count && !failed" class="card-count" role="status">{{ count }}</p>
      <ul v-if="cards.length" :class="['card-grid', { stale: loading && fresh }]">
        <li v-for="card in cards" :key="card.id">
          <a class="card" :href="prefix + card.url" @click="leave">
            <span class="card-photo">
              <img :src="prefix + card.picture" :alt="card.name" width="300" height="400" loading="lazy" decoding="async">
              <span v-if="card.age_mark" class="card-mark age">{{ card.age_mark }}</span>
              <span v-if="card.gender_sign" class="card-mark gender">{{ card.gender_sign }}</span>
              <span v-if="card.badge" class="card-mark badge">{{ card.badge }}</span>
            </span>
            <span class="card-text">
              <span class="card-name" :title="card.name">{{ card.name }}</span>
              <span class="card-teaser">{{ card.teaser }}</span>
              <span v-if="card.interests.length" class="card-tags">
                <span v-for="tag in card.interests.slice(0, ${SHOWN_TAGS})" :key="tag" class="chip">{{ tag }}</span>
                <span v-if="card.interests.length > ${SHOWN_TAGS}" class="muted">+{{ card.interests.length - ${SHOWN_TAGS} }}</span>
              </span>
              <span v-if="card.author" class="card-author">{{ card.author }}</span>
            </span>
          </a>
        </li>
      </ul>
      <ul v-else-if="loading" class="card-grid" aria-hidden="true">
        <li v-for="n in ${SKELETONS}" :key="n"><span class="card skeleton"><span class="card-photo"></span><span class="card-text">
          <span class="line"></span><span class="line"></span></span></span></li>
      </ul>
      <div v-else-if="!failed" class="empty">
        <p>{{ labels.empty }}</p>
        <a v-if="labels.empty_action" class="button" :href="prefix + labels.empty_url">{{ labels.empty_action }}</a>
      </div>
      <div v-if="failed" class="empty" role="alert">
        <p>{{ labels.failed }}</p>
        <button type="button" class="button" @click="retry">{{ labels.retry }}</button>
      </div>
      <div ref="end" class="card-end"></div>
    </section>`,
  data() {
    return { cards: [], count: "", next: null, loading: false, fresh: false, failed: false };
  },
  created() {
    this.prefix = "";
    this.loads = 0;
  },
  async mounted() {
    await this.$nextTick(); // the page knows its path_prefix then
    this.prefix = window.path_prefix || "";
    this.near = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && this.more(), {
      rootMargin: "800px",
    });
    if (!this.comeBack()) this.reload(this.url);
    this.near.observe(this.$refs.end);
  },
  beforeUnmount() {
    this.near?.disconnect();
    this.loads++;
  },
  methods: {
    reload(url) {
      this.asked = url;
      return this.load(url, true);
    },
    more() {
      if (this.next && !this.loading && !this.failed) this.load(this.next, false);
    },
    retry() {
      return this.fresh ? this.reload(this.asked) : this.load(this.next, false);
    },
    async load(url, fresh) {
      const mine = ++this.loads;
      Object.assign(this, { loading: true, failed: false, fresh });
      let page = null;
      try {
        const answer = await fetch(this.prefix + url, { headers: { Accept: "application/json" } });
        if (answer.ok) page = await answer.json();
      } catch {} // no network, or no JSON: said in the page
      if (mine !== this.loads) return;
      this.loading = false;
      this.failed = !page;
      if (!page) return void (fresh && (this.cards = []));
      const known = new Set(fresh ? [] : this.cards.map((card) => card.id));
      const news = page.cards.filter((card) => !known.has(card.id));
      this.cards = fresh ? news : [...this.cards, ...news];
      this.count = page.count;
      this.next = page.next;
      await this.$nextTick();
      this.near.unobserve(this.$refs.end); // asked anew: the end may still be in sight
      this.near.observe(this.$refs.end);
    },

    // Coming back from a character finds the same cards at the same height.
    leave() {
      const { cards, count, next, asked } = this;
      const gallery = JSON.stringify({ cards, count, next, asked, top: window.scrollY });
      try {
        history.replaceState({ ...history.state, gallery }, "");
      } catch {} // too much to keep: the gallery then starts at its top
    },
    comeBack() {
      const [visit] = performance.getEntriesByType("navigation");
      if (visit?.type !== "back_forward" || !history.state?.gallery) return false;
      const { top, ...kept } = JSON.parse(history.state.gallery);
      if (kept.asked !== this.url) return false;
      Object.assign(this, kept);
      this.$nextTick(() => window.scrollTo(0, top));
      return true;
    },
  },
};
