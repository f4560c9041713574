// Rating: one's own vote: ten marks in a row, by mouse, finger or arrow keys.

import { defineComponent } from "vue";

const PAUSE = 300; // ms: arrow keys vote where they stop (debounce)
const MARKS = 10;

export default defineComponent({
  props: { value: Number, labels: Object },
  emits: /** @type {Emits<{ rate: number }>} */ (["rate"]),
  template: `
    <fieldset class="rating-box">
      <legend>{{ labels.legend }}</legend>
      <div ref="marks" class="rating-marks">
        <label v-for="mark in ${MARKS}" :key="mark" :class="{ within: mark <= chosen }">
          <input type="radio" :name="'rating-' + $.uid" :value="mark" :checked="mark === chosen" :aria-label="labels.mark.replace('{n}', mark)"
            @change="choose(mark)">
          <span aria-hidden="true">{{ mark }}</span>
        </label>
      </div>
      <div class="rating-after">
        <span role="status">{{ said }}</span>
        <button v-if="chosen" type="button" class="small-button" @click="clear">{{ labels.clear }}</button>
      </div>
    </fieldset>`,
  setup: () => ({ pausing: 0 }),
  data() {
    return { chosen: this.value, said: "" };
  },
  beforeUnmount() {
    clearTimeout(this.pausing);
  },
  methods: {
    /** @param {number} mark */
    choose(mark) {
      Object.assign(this, { chosen: mark, said: "" });
      clearTimeout(this.pausing);
      this.pausing = setTimeout(() => this.$emit("rate", mark), PAUSE);
    },
    clear() {
      this.choose(0);
      this.$refs.marks.querySelector("input").focus(); // the button disappears
    },
    /** After a vote: the value now saved, and a short text about it. @param {number} value @param {string} said */
    told(value, said) {
      Object.assign(this, { chosen: value, said });
    },
  },
});
