// Gallery filters: interests (with, without, any), gender, age mark. A line on a desktop, a sheet on a phone.

import { languageOf } from "gallery_address";
import { defineComponent } from "vue";

const PAUSE = 80; // ms without a key press before the server is asked (debounce)

export const Filters = defineComponent({
  props: { question: /** @type {PropType<Question>} */ (Object), labels: Object, interests: /** @type {PropType<Interest[]>} */ (Array), prefix: String },
  emits: ["change"],
  template: `
    <div class="gallery-filters">
      <div class="filter-interests" role="group" :aria-label="labels.interests">
        <input type="search" class="filter-field" :value="begins" :aria-label="labels.find_interest" :placeholder="labels.find_interest"
          maxlength="32" autocomplete="off" spellcheck="false" @input="write($event.target.value)" @keydown.esc.stop.prevent="write('')">
        <div class="filter-strip">
          <button v-for="{ word, count } in shown" :key="word" type="button" :class="['chip', stateOf(word)]" :aria-label="said(word)"
            :title="said(word)" :disabled="!stateOf(word) && isFull" @click="turn(word)"><span v-if="stateOf(word)" aria-hidden="true">{{ stateOf(word) === "with" ? "✓" : "−" }}</span>
            {{ word }}<span v-if="begins" class="muted">{{ count }}</span></button>
          <span v-if="begins && found && !found.length" class="muted">{{ labels.no_interest }}</span>
        </div>
      </div>
      <select class="filter-select" :value="question.gender" :aria-label="labels.gender" @change="$emit('change', { gender: $event.target.value })">
        <option v-for="[value, words] in labels.genders" :key="value" :value="value">{{ words }}</option>
      </select>
      <select class="filter-select" :value="language || 'any'" :aria-label="labels.language" @change="$emit('change', { language: $event.target.value })">
        <option v-for="[value, words] in labels.languages" :key="value" :value="value">{{ words }}</option>
      </select>
      <div class="filter-ages" role="group" :aria-label="labels.age">
        <button v-for="mark in labels.ages" :key="mark" type="button" :class="['chip', { with: question.age.includes(mark) }]"
          :aria-pressed="String(question.age.includes(mark))" @click="age(mark)">{{ mark }}</button>
      </div>
    </div>`,
  setup: () => ({ asks: 0, pausing: 0 }),
  data() {
    return { begins: "", found: /** @type {Interest[] | null} */ (null) };
  },
  computed: {
    language() {
      return languageOf(this.question, this.labels.reads);
    },
    /** The server accepts no more: no character has more interests. */
    isFull() {
      return this.question.with.length >= this.labels.most_interests;
    },
    /** Those set but not shown yet, then the most frequent ones, which keep their place when pressed. */
    shown() {
      if (this.begins && this.found) return this.found;
      const known = new Set(this.interests.map(({ word }) => word));
      const set = [...this.question.with, ...this.question.without].filter((word) => !known.has(word));
      return [...set.map((word) => ({ word })), ...this.interests];
    },
  },
  beforeUnmount() {
    clearTimeout(this.pausing);
    this.asks++;
  },
  methods: {
    /** @param {string} word */
    stateOf(word) {
      return this.question.with.includes(word) ? "with" : this.question.without.includes(word) ? "without" : "";
    },
    /** @param {string} word */
    said(word) {
      return this.labels[{ with: "with", without: "without", "": "any" }[this.stateOf(word)]].replace("{word}", word);
    },
    /** @param {string} word */
    turn(word) {
      const state = this.stateOf(word);
      const rest = (/** @type {"with" | "without"} */ name) => this.question[name].filter((each) => each !== word);
      this.$emit("change", {
        with: state ? rest("with") : [...rest("with"), word],
        without: state === "with" && rest("without").length < this.labels.most_interests ? [...rest("without"), word] : rest("without"),
      });
    },
    /** @param {string} mark */
    age(mark) {
      const marks = this.question.age;
      this.$emit("change", { age: marks.includes(mark) ? marks.filter((each) => each !== mark) : [...marks, mark] });
    },
    /** @param {string} begins */
    write(begins) {
      this.begins = begins;
      this.asks++;
      clearTimeout(this.pausing);
      if (begins.trim()) this.pausing = setTimeout(this.find, PAUSE);
      else this.found = null;
    },
    async find() {
      const mine = ++this.asks;
      let answer = null;
      try {
        answer = await (await fetch(`${this.prefix}/feed/interests?begins=${encodeURIComponent(this.begins.trim())}`)).json();
      } catch {
        // no network, or no JSON: nothing is suggested
      }
      if (mine === this.asks) this.found = answer?.interests ?? [];
    },
  },
});
