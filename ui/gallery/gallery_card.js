// Gallery card: one character: a link as large as the card, with a few buttons on top.

import { defineComponent } from "vue";

const SHOWN = matchMedia("(width < 720px)").matches ? 2 : 3; // interests
const AHEAD = "300px"; // lazy loading: how far below the window pictures load; browsers' own loads fifty at once

export const Card = defineComponent({
  props: { card: /** @type {PropType<CharacterCard>} */ (Object), labels: Object, prefix: String, signed: Boolean, picking: Boolean, picked: Boolean },
  emits: ["interest", "favourite", "menu", "pick"],
  template: `
    <li :class="['card', { picked }]" :data-id="card.id">
      <div class="card-photo" :inert="picking">
        <img :src="near ? prefix + card.picture : null" :alt="card.name" width="300" height="400" decoding="async">
        <div class="card-marks">
          <span v-if="card.age_mark" class="card-mark">{{ card.age_mark }}</span>
          <span v-if="card.language" class="card-mark" :title="card.language_words"><span aria-hidden="true">{{ card.language.toUpperCase() }}</span>
            <span class="visually-hidden">{{ card.language_words }}</span></span>
          <span v-if="card.badge" class="card-mark badge">{{ card.badge }}</span>
          <span v-if="card.gender_sign" class="card-mark gender">{{ card.gender_sign }}</span>
        </div>
      </div>
      <div class="card-text" :inert="picking">
        <h2 class="card-name" dir="auto"><a class="card-link" :href="prefix + card.url" :title="card.name">{{ card.name }}</a></h2>
        <p class="card-teaser" dir="auto">{{ card.teaser }}</p>
        <div v-if="card.interests.length" class="card-tags">
          <button v-for="word in card.interests.slice(0, shown)" :key="word" type="button" class="chip" :title="labels.only.replace('{word}', word)"
            @click="$emit('interest', word)"><span>{{ word }}</span></button>
          <span v-if="rest.length" class="muted" :title="rest.join(', ')">+{{ rest.length }}</span>
        </div>
        <div v-if="card.rating || card.talks || card.chat_url" class="card-numbers">
          <span v-if="card.rating" :title="card.votes_words"><span aria-hidden="true">★ {{ card.rating }} ({{ card.votes }})</span>
            <span class="visually-hidden">{{ labels.rated.replace('{rating}', card.rating) }}, {{ card.votes_words }}</span></span>
          <span v-if="card.talks" :title="card.talks_words"><svg viewBox="0 0 24 24" width="14" height="14" aria-hidden="true"><path
            d="M4 5h16v11H9l-5 4z"/></svg><span aria-hidden="true">{{ card.talks }}</span><span class="visually-hidden">{{ card.talks_words }}</span></span>
          <a v-if="card.chat_url" class="card-chat" :href="prefix + card.chat_url" :title="labels.to_chat" :aria-label="named('to_chat_with')">→</a>
        </div>
      </div>
      <button v-if="signed" type="button" class="card-action star" :aria-pressed="String(card.is_favourite)" :aria-label="named('favourite')"
        :title="card.is_favourite ? labels.unstar : labels.star" @click="$emit('favourite')">{{ card.is_favourite ? "★" : "☆" }}</button>
      <button type="button" class="card-action more" aria-haspopup="menu" aria-expanded="false" :aria-label="named('more')"
        @click="$emit('menu', $event.currentTarget)">⋯</button>
      <label v-if="picking" class="card-pick"><input type="checkbox" :checked="picked" :aria-label="card.name" @change="$emit('pick')"></label>
    </li>`,
  setup: () => ({ nearing: /** @type {IntersectionObserver | undefined} */ (undefined) }),
  data() {
    return { near: false };
  },
  mounted() {
    this.nearing = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && this.come(), { rootMargin: AHEAD });
    this.nearing.observe(this.$el);
  },
  beforeUnmount() {
    this.nearing?.disconnect();
  },
  computed: {
    shown: () => SHOWN,
    rest() {
      return this.card.interests.slice(SHOWN);
    },
  },
  methods: {
    come() {
      this.near = true;
      this.nearing?.disconnect();
    },
    /** @param {string} label */
    named(label) {
      return this.labels[label].replace("{name}", this.card.name);
    },
  },
});
