// Ordered list fields: other greetings, and example conversations that show how a character speaks.

import { EditorText } from "editor_fields";
import { defineComponent } from "vue";

const WHO = /^[ \t]*\{\{\s*(user|char)\s*\}\}:[ \t]?/i;

/** After removing the last item by keyboard, the focus goes to what is left. */
const keepFocus = (/** @type {HTMLElement} */ place) => document.activeElement === document.body && place.focus();

/** Texts one below the other, reordered by buttons. `field` gives each box its name, label and error. */
export const EditorGreetings = defineComponent({
  components: { EditorText },
  props: { modelValue: Array, most: Number, labels: Object, field: Function, name: String },
  emits: ["update:modelValue", "wish"],
  template: `
    <div class="texts">
      <div v-for="(text, place) in modelValue" :key="place" class="texts-one">
        <EditorText :ref="(box) => (boxes[place] = box)" v-bind="field(name, place)" :model-value="text" @update:model-value="write(place, $event)"
          @wish="$emit('wish', name + '.' + place, $event)">
          <template #tools>
            <button type="button" class="tool" :disabled="place === 0" :aria-label="labels.up" :title="labels.up" @click="move(place, -1)">↑</button>
            <button type="button" class="tool" :disabled="place === modelValue.length - 1" :aria-label="labels.down" :title="labels.down" @click="move(place, 1)">↓</button>
            <button type="button" class="tool" :aria-label="labels.remove_text" :title="labels.remove_text" @click="remove(place)">✕</button>
          </template>
        </EditorText>
      </div>
      <button v-if="modelValue.length < most" ref="more" type="button" class="button quiet" @click="add">+ {{ labels.more_greetings }}</button>
    </div>`,
  setup: () => ({ boxes: /** @type {InstanceOf<typeof EditorText>[]} */ ([]) }),
  beforeUpdate() {
    this.boxes = [];
  },
  methods: {
    /** @param {number} place @param {string} text */
    write(place, text) {
      this.$emit("update:modelValue", this.modelValue.with(place, text));
    },
    /** @param {number} place @param {number} by */
    move(place, by) {
      const texts = [...this.modelValue];
      texts.splice(place + by, 0, ...texts.splice(place, 1));
      this.$emit("update:modelValue", texts);
    },
    /** @param {number} place */
    async remove(place) {
      this.$emit("update:modelValue", this.modelValue.toSpliced(place, 1));
      await this.$nextTick();
      keepFocus(this.$refs.more);
    },
    async add() {
      this.$emit("update:modelValue", [...this.modelValue, ""]);
      await this.$nextTick();
      this.boxes.at(-1)?.focus();
    },
  },
});

/** @typedef {{ who: string; text: string }} Turn */

/** `{{user}}: …` and `{{char}}: …` line by line, as turns; any other line belongs to the turn before. */
const turnsOf = (/** @type {string} */ text) => {
  const turns = /** @type {Turn[]} */ ([]);
  for (const line of text.split("\n")) {
    const [who, last] = [WHO.exec(line), turns.at(-1)];
    if (who) turns.push({ who: who[1].toLowerCase(), text: line.slice(who[0].length) });
    else if (last) last.text += `\n${line}`;
    else turns.push({ who: "char", text: line });
  }
  return turns;
};
const textOf = (/** @type {Turn[]} */ turns) => turns.map(({ who, text }) => `{{${who}}}: ${text}`).join("\n");

/** Each example is a block of turns: the person's and the character's. */
export const EditorExamples = defineComponent({
  props: { modelValue: Array, most: Number, labels: Object, field: Function },
  emits: ["update:modelValue"],
  template: `
    <div class="texts">
      <fieldset v-for="(text, place) in modelValue" :key="place" :class="['example', { bad: field('examples', place).error }]">
        <legend>{{ labels.example }} {{ place + 1 }}</legend>
        <div v-for="(turn, line) in turns(text)" :key="line" :class="['example-turn', turn.who]">
          <button type="button" class="tool example-who" :title="labels.swap" @click="swap(place, line)">{{ labels["by_" + turn.who] }}</button>
          <textarea rows="1" dir="auto" :id="line ? null : field('examples', place).id" :value="turn.text" :aria-label="labels.by + ' ' + labels['by_' + turn.who]"
            @input="write(place, line, $event.target.value)"></textarea>
          <button type="button" class="tool" :aria-label="labels.remove_turn" :title="labels.remove_turn" @click="removeTurn(place, line)">✕</button>
        </div>
        <p v-if="field('examples', place).error" class="field-error">{{ field('examples', place).error }}</p>
        <div class="example-actions">
          <button type="button" class="link" @click="addTurn(place)">+ {{ labels.more_turns }}</button>
          <button type="button" class="link" @click="remove(place)">{{ labels.remove_example }}</button>
        </div>
      </fieldset>
      <button v-if="modelValue.length < most" ref="more" type="button" class="button quiet" @click="add">+ {{ labels.more_examples }}</button>
    </div>`,
  methods: {
    turns: turnsOf,
    /** @param {string[]} texts */
    change(texts) {
      this.$emit("update:modelValue", texts);
    },
    /** @param {number} place @param {Turn[]} turns */
    rewrite(place, turns) {
      this.change(turns.length ? this.modelValue.with(place, textOf(turns)) : this.modelValue.toSpliced(place, 1));
    },
    /** @param {number} place @param {number} line @param {string} text */
    write(place, line, text) {
      const turns = turnsOf(this.modelValue[place]);
      this.rewrite(place, turns.with(line, { ...turns[line], text }));
    },
    /** @param {number} place @param {number} line */
    swap(place, line) {
      const turns = turnsOf(this.modelValue[place]);
      this.rewrite(place, turns.with(line, { ...turns[line], who: turns[line].who === "user" ? "char" : "user" }));
    },
    /** @param {number} place @param {number} line */
    async removeTurn(place, line) {
      this.rewrite(place, turnsOf(this.modelValue[place]).toSpliced(line, 1));
      await this.$nextTick();
      keepFocus(this.$el.querySelectorAll("fieldset")[place]?.querySelector(".example-actions button") ?? this.$refs.more);
    },
    /** @param {number} place */
    async remove(place) {
      this.change(this.modelValue.toSpliced(place, 1));
      await this.$nextTick();
      keepFocus(this.$refs.more);
    },
    /** @param {number} place */
    async addTurn(place) {
      const turns = turnsOf(this.modelValue[place]);
      this.rewrite(place, [...turns, { who: turns.at(-1)?.who === "user" ? "char" : "user", text: "" }]);
      await this.$nextTick();
      [...this.$el.querySelectorAll("fieldset")[place].querySelectorAll("textarea")].at(-1)?.focus();
    },
    async add() {
      this.change([...this.modelValue, textOf([{ who: "user", text: "" }, { who: "char", text: "" }])]);
      await this.$nextTick();
      /** @type {HTMLElement | null} */ (this.$el.querySelector("fieldset:last-of-type textarea"))?.focus();
    },
  },
});
