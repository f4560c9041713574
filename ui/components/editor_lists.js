// Several texts in an order: other greetings, and conversations that show how a character speaks.

import { EditorText } from "editor_fields";

const WHO = /^[ \t]*\{\{\s*(user|char)\s*\}\}:[ \t]?/i;

/** Whoever took the last of several away by the keyboard goes on from what is left. */
const keepFocus = (place) => document.activeElement === document.body && place.focus();

/** Texts one below the other, moved by buttons. `field` gives each box its name, label and error. */
export const EditorGreetings = {
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
  beforeUpdate() {
    this.boxes = [];
  },
  created() {
    this.boxes = [];
  },
  methods: {
    write(place, text) {
      this.$emit("update:modelValue", this.modelValue.with(place, text));
    },
    move(place, by) {
      const texts = [...this.modelValue];
      texts.splice(place + by, 0, ...texts.splice(place, 1));
      this.$emit("update:modelValue", texts);
    },
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
};

/** `{{user}}: …` and `{{char}}: …` line by line, as turns; what begins otherwise belongs to the turn before. */
const turnsOf = (text) => {
  const turns = [];
  for (const line of text.split("\n")) {
    const who = WHO.exec(line);
    if (who) turns.push({ who: who[1].toLowerCase(), text: line.slice(who[0].length) });
    else if (turns.length) turns.at(-1).text += `\n${line}`;
    else turns.push({ who: "char", text: line });
  }
  return turns;
};
const textOf = (turns) => turns.map(({ who, text }) => `{{${who}}}: ${text}`).join("\n");

/** Each example is a block of turns: the person's and the character's. */
export const EditorExamples = {
  props: { modelValue: Array, most: Number, labels: Object, field: Function },
  emits: ["update:modelValue"],
  template: `
    <div class="texts">
      <fieldset v-for="(text, place) in modelValue" :key="place" :class="['example', { bad: field('examples', place).error }]">
        <legend>{{ labels.example }} {{ place + 1 }}</legend>
        <div v-for="(turn, line) in turns(text)" :key="line" :class="['example-turn', turn.who]">
          <button type="button" class="tool example-who" :title="labels.swap" @click="swap(place, line)">{{ labels["by_" + turn.who] }}</button>
          <textarea rows="1" :id="line ? null : field('examples', place).id" :value="turn.text" :aria-label="labels.by + ' ' + labels['by_' + turn.who]"
            @input="write(place, line, $event.target.value)"></textarea>
          <button type="button" class="tool" :aria-label="labels.remove_turn" :title="labels.remove_turn" @click="removeTurn(place, line)">✕</button>
        </div>
        <p v-if="field('examples', place).error" class="field-error">{{ field('examples', place).error }}</p>
        <div class="example-deeds">
          <button type="button" class="link" @click="addTurn(place)">+ {{ labels.more_turns }}</button>
          <button type="button" class="link" @click="remove(place)">{{ labels.remove_example }}</button>
        </div>
      </fieldset>
      <button v-if="modelValue.length < most" ref="more" type="button" class="button quiet" @click="add">+ {{ labels.more_examples }}</button>
    </div>`,
  methods: {
    turns: turnsOf,
    change(texts) {
      this.$emit("update:modelValue", texts);
    },
    rewrite(place, turns) {
      this.change(turns.length ? this.modelValue.with(place, textOf(turns)) : this.modelValue.toSpliced(place, 1));
    },
    write(place, line, text) {
      const turns = turnsOf(this.modelValue[place]);
      this.rewrite(place, turns.with(line, { ...turns[line], text }));
    },
    swap(place, line) {
      const turns = turnsOf(this.modelValue[place]);
      this.rewrite(place, turns.with(line, { ...turns[line], who: turns[line].who === "user" ? "char" : "user" }));
    },
    async removeTurn(place, line) {
      this.rewrite(place, turnsOf(this.modelValue[place]).toSpliced(line, 1));
      await this.$nextTick();
      keepFocus(this.$el.querySelectorAll("fieldset")[place]?.querySelector(".example-deeds button") ?? this.$refs.more);
    },
    async remove(place) {
      this.change(this.modelValue.toSpliced(place, 1));
      await this.$nextTick();
      keepFocus(this.$refs.more);
    },
    async addTurn(place) {
      const turns = turnsOf(this.modelValue[place]);
      this.rewrite(place, [...turns, { who: turns.at(-1)?.who === "user" ? "char" : "user", text: "" }]);
      await this.$nextTick();
      [...this.$el.querySelectorAll("fieldset")[place].querySelectorAll("textarea")].at(-1).focus();
    },
    async add() {
      this.change([...this.modelValue, textOf([{ who: "user", text: "" }, { who: "char", text: "" }])]);
      await this.$nextTick();
      this.$el.querySelector("fieldset:last-of-type textarea")?.focus();
    },
  },
};
