// Tag input with autocomplete: interests as chips, with those that others have used and how often.

import { defineComponent } from "vue";

const WAIT = 150; // ms after the last key press (debounce)

const isSame = (/** @type {string} */ one, /** @type {string} */ other) => one.toLowerCase() === other.toLowerCase();

export const EditorInterests = defineComponent({
  props: { id: String, label: String, hint: String, error: String, modelValue: /** @type {PropType<string[]>} */ (Array), most: Number, labels: Object },
  emits: ["update:modelValue"],
  template: `
    <div :class="['field', 'interests', { bad: error }]">
      <div class="field-head"><label :for="id">{{ label }}</label></div>
      <div class="interest-box" @click.self="$refs.box.focus()">
        <span v-for="(word, place) in modelValue" :key="word" class="chip">{{ word }}
          <button type="button" :aria-label="labels.remove_interest.replace('{word}', word)" @click="remove(place)">✕</button></span>
        <input ref="box" :id="id" type="text" dir="auto" autocomplete="off" role="combobox" aria-autocomplete="list" :aria-expanded="String(open)"
          :aria-controls="id + '-list'" :aria-activedescendant="at < 0 ? null : id + '-' + at" :aria-describedby="id + '-hint'"
          v-model="typed" @input="look" @keydown.enter.prevent="enter" @keydown="press" @blur="leave">
        <ul v-if="open" :id="id + '-list'" class="tool-list" role="listbox" :aria-label="labels.suggestions">
          <li v-for="(each, place) in found" :key="each.word" role="option" :id="id + '-' + place" :aria-selected="String(place === at)"
            @pointerdown.prevent="add(each.word)"><span>{{ each.word }}</span><span class="muted">{{ each.count }}</span></li>
        </ul>
      </div>
      <p v-if="error" class="field-error">{{ error }}</p>
      <p class="field-foot"><span :id="id + '-hint'">{{ hint }}</span><span class="field-size">{{ modelValue.length }} / {{ most }}</span></p>
    </div>`,
  setup: () => ({ timer: 0 }),
  data: () => ({ typed: "", found: /** @type {Interest[]} */ ([]), at: -1 }),
  computed: {
    open() {
      return this.found.length > 0;
    },
  },
  beforeUnmount() {
    clearTimeout(this.timer);
  },
  methods: {
    look() {
      clearTimeout(this.timer);
      if (this.typed.includes(",")) return this.add(...this.typed.split(","));
      const begins = this.typed.trim();
      this.close();
      if (begins) this.timer = setTimeout(() => this.ask(begins), WAIT);
    },
    /** @param {string} begins */
    async ask(begins) {
      try {
        const answer = await fetch(`${window.path_prefix || ""}/feed/interests?begins=${encodeURIComponent(begins)}`);
        const { interests } = answer.ok ? await answer.json() : { interests: [] };
        if (begins === this.typed.trim()) this.found = interests.filter((/** @type {Interest} */ { word }) => !this.modelValue.some((each) => isSame(each, word)));
      } catch {
        // then without suggestions: any word may be typed
      }
    },
    /** @param {KeyboardEvent} event */
    press(event) {
      const by = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1 })[event.key];
      if (by && this.open) {
        event.preventDefault();
        this.at = (this.at + by + this.found.length) % this.found.length;
      } else if (event.key === "Escape" && this.open) {
        event.stopPropagation();
        this.close();
      } else if (event.key === "Backspace" && !this.typed && this.modelValue.length) {
        this.remove(this.modelValue.length - 1);
      }
    },
    enter() {
      this.add(this.found[this.at]?.word ?? this.typed);
    },
    leave() {
      this.add(this.typed);
    },
    /** @param {...string} typed */
    add(...typed) {
      const words = typed.map((each) => each.replace(/^[#\s]+/, "").trim());
      this.typed = "";
      this.close();
      const all = [...this.modelValue];
      for (const word of words) if (word && !all.some((each) => isSame(each, word))) all.push(word);
      if (all.length > this.modelValue.length) this.$emit("update:modelValue", all);
    },
    /** @param {number} place */
    remove(place) {
      this.$emit("update:modelValue", this.modelValue.toSpliced(place, 1));
      this.$refs.box.focus();
    },
    close() {
      this.found = [];
      this.at = -1;
    },
  },
});
