// Gallery filters: interests (with, without, any), gender, age mark. A line on a desktop, a sheet on a phone.

import { inThisBrowser } from "browser_store";
import { PopoverMenu } from "popover_menu";
import { defineComponent } from "vue";

const HELD = 500; // ms: a long press
const HINTED = "beseda.interests"; // the hint about the third state was seen
const PAUSE = 80; // ms without a key press before the server is asked (debounce)

const key = (/** @type {string} */ word) => word.toLowerCase();

export const Filters = defineComponent({
  props: { question: /** @type {PropType<Question>} */ (Object), labels: Object, interests: /** @type {PropType<Interest[]>} */ (Array), language: String, prefix: String },
  emits: ["change"],
  template: `
    <div class="gallery-filters">
      <div class="filter-interests" role="group" :aria-label="labels.interests">
        <input type="search" class="filter-field" dir="auto" :value="begins" :aria-label="labels.find_interest" :placeholder="labels.find_interest"
          maxlength="32" autocomplete="off" spellcheck="false" @input="write($event.target.value)" @keydown.esc.stop.prevent="write('')">
        <div class="filter-strip" role="toolbar" :aria-label="labels.interests" @keydown="step">
          <button v-for="{ word, count } in shown" :key="word" type="button" :class="['chip', stateOf(word)]" :aria-label="said(word)"
            :title="said(word)" :disabled="!stateOf(word) && isFull" :tabindex="word === stop ? 0 : -1" @focus="focused = word"
            @click="press(word)" @contextmenu.prevent="$event.pointerType !== 'touch' && ask(word, $event.currentTarget)"
            @pointerdown="hold" @pointerup="release(word, $event)"><span v-if="stateOf(word)" aria-hidden="true">{{ stateOf(word) === "with" ? "✓" : "−" }}</span>
            {{ word }}<span v-if="begins" class="muted">{{ count }}</span></button>
          <span v-if="begins && found && !found.length" class="muted">{{ labels.no_interest }}</span>
        </div>
        <div ref="menu" popover role="menu" class="dialog-menu" :aria-label="asked" @beforetoggle="popover.toggling($event)" @keydown="popover.press($event)">
          <button v-for="state in ['with', 'without', '']" :key="state" type="button" role="menuitem" tabindex="-1" @click="choose(state)"
            >{{ labels.states[state] }}</button>
        </div>
      </div>
      <select class="filter-select" :value="question.gender" :aria-label="labels.gender" @change="$emit('change', { gender: $event.target.value })">
        <option v-for="[value, words] in labels.genders" :key="value" :value="value">{{ words }}</option>
      </select>
      <select class="filter-select" :value="language || 'any'" :aria-label="labels.language" @change="$emit('change', { language: $event.target.value })">
        <option v-for="[value, words] in labels.languages" :key="value" :value="value">{{ words }}</option>
      </select>
      <div class="filter-ages" role="toolbar" :aria-label="labels.age" @keydown="step">
        <button v-for="mark in labels.ages" :key="mark" type="button" :tabindex="mark === (markFocused || labels.ages[0]) ? 0 : -1" @focus="markFocused = mark" :class="['chip', { with: question.age.includes(mark) }]"
          :aria-pressed="String(question.age.includes(mark))" @click="age(mark)">{{ mark }}</button>
      </div>
      <p v-if="hint" class="filter-hint" role="status">{{ hint }}</p>
    </div>`,
  setup: () => ({ asks: 0, pausing: 0, popover: new PopoverMenu(), pressed: 0, held: false }),
  data() {
    return { begins: "", found: /** @type {Interest[] | null} */ (null), focused: "", markFocused: "", asked: "", hint: "" };
  },
  computed: {
    /** The chip at which the Tab key stops. */
    stop() {
      return this.shown.some(({ word }) => word === this.focused) ? this.focused : this.shown[0]?.word;
    },
    /** The server accepts no more: no character has more interests. */
    isFull() {
      return this.question.with.length >= this.labels.most_interests;
    },
    /** Chips: interests set but not among the frequent ones, then those, which keep their place when pressed. */
    shown() {
      if (this.begins && this.found) return this.found;
      const known = new Set(this.interests.map(({ word }) => key(word)));
      const set = [...this.question.with, ...this.question.without].filter((word) => !known.has(key(word)));
      return [...set.map((word) => ({ word })), ...this.interests];
    },
  },
  mounted() {
    this.popover.begin(this.$refs.menu);
  },
  beforeUnmount() {
    this.popover.end();
    clearTimeout(this.pausing);
    this.asks++;
  },
  methods: {
    /** @param {string} word @returns {"with" | "without" | ""} */
    stateOf(word) {
      const isIn = (/** @type {string[]} */ words) => words.some((each) => key(each) === key(word));
      return isIn(this.question.with) ? "with" : isIn(this.question.without) ? "without" : "";
    },
    /** @param {string} word */
    said(word) {
      return this.labels[this.stateOf(word) || "any"].replace("{word}", word);
    },
    /** A click cycles through any, with and without; a hint explains that the first time. @param {string} word */
    press(word) {
      if (this.held) return void (this.held = false);
      const state = this.stateOf(word);
      this.set(word, state === "with" ? "without" : state ? "" : "with");
      if (state || inThisBrowser.get(HINTED)) return void (this.hint = "");
      this.hint = this.labels.third_state.replace("{word}", word);
      inThisBrowser.set(HINTED, true);
    },
    hold() {
      Object.assign(this, { pressed: performance.now(), held: false });
    },
    /** A long press asks for the state, but only once the finger is up, since that closes popovers. */
    /** @param {string} word @param {PointerEvent} event */
    release(word, { pointerType, currentTarget }) {
      if (pointerType !== "touch" || performance.now() - this.pressed < HELD) return;
      this.held = true;
      setTimeout(() => this.ask(word, /** @type {HTMLElement} */ (currentTarget)));
    },
    /** @param {string} word @param {HTMLElement} chip */
    async ask(word, chip) {
      this.asked = word;
      await this.$nextTick();
      this.popover.show(chip);
    },
    /** @param {"with" | "without" | ""} state */
    choose(state) {
      this.popover.shut();
      this.hint = "";
      this.set(this.asked, state);
    },
    /** @param {string} word @param {"with" | "without" | ""} state */
    set(word, state) {
      const rest = (/** @type {"with" | "without"} */ name) => this.question[name].filter((each) => key(each) !== key(word));
      const change = { with: rest("with"), without: rest("without") };
      if (state && change[state].length < this.labels.most_interests) change[state].push(word);
      this.$emit("change", change);
    },
    /** Arrow keys move between the chips, which are one tab stop. @param {On<KeyboardEvent, HTMLElement>} event */
    step(event) {
      const chips = [...event.currentTarget.querySelectorAll("button:not(:disabled)")];
      const at = chips.findIndex((each) => each === document.activeElement);
      const to = /** @type {Record<string, number | undefined>} */ ({ ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 })[event.key];
      if (to === undefined || !chips.length) return;
      event.preventDefault();
      /** @type {HTMLElement} */ (chips.at(to % chips.length)).focus();
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
