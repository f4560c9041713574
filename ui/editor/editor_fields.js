// Form fields of the editor: a line, a text with its tools, a choice. Each shows its label, hint, error and length.

import { defineComponent } from "vue";

export const size = (/** @type {string} */ text) => [...text].length; // in code points, as in Python

/** A button with a drop-down menu. */
export const EditorMenu = defineComponent({
  props: { items: Array, label: String, sign: String, word: String, about: String },
  emits: ["choose"],
  template: `
    <span class="tool-menu" @keydown.esc="esc" @focusout="leave">
      <button ref="button" type="button" class="tool" aria-haspopup="menu" :aria-expanded="String(open)" :aria-label="label"
        :aria-describedby="about" :title="label" @click="toggle" @keydown.down.prevent="toggle(true)">{{ sign }}<span class="tool-word"> {{ word }}</span></button>
      <ul v-if="open" ref="list" class="tool-list" role="menu" :aria-label="label"
        @keydown.down.prevent="step(1)" @keydown.up.prevent="step(-1)">
        <li v-for="item in items" :key="item.value" role="none">
          <button type="button" role="menuitem" tabindex="-1" @click="choose(item)"><span>{{ item.text }}</span>
            <span v-if="item.told" class="muted">{{ item.told }}</span></button>
        </li>
      </ul>
    </span>`,
  data: () => ({ open: false }),
  methods: {
    /** @param {boolean | Event} open */
    async toggle(open) {
      this.open = open === true || !this.open;
      await this.$nextTick();
      this.$refs.list?.querySelector("button").focus();
    },
    /** @param {number} by */
    step(by) {
      const all = [...this.$refs.list.querySelectorAll("button")];
      all.at((all.indexOf(document.activeElement) + by) % all.length).focus();
    },
    /** @param {{ value: string }} item */
    choose(item) {
      this.open = false;
      this.$emit("choose", item.value);
    },
    /** @param {Event} event */
    esc(event) {
      if (!this.open) return;
      event.stopPropagation();
      this.open = false;
      this.$refs.button.focus();
    },
    /** @param {FocusEvent} event */
    leave(event) {
      if (!this.$el.contains(/** @type {Node | null} */ (event.relatedTarget))) this.open = false;
    },
  },
});

/** The template around every field. */
const around = (/** @type {string} */ control) => `
  <div :class="['field', { bad: error }]">
    <div class="field-head">
      <label :for="id" :id="id + '-label'" :class="{ required }">{{ label }}</label>
      <span class="field-tools"><slot name="tools"></slot>
        <EditorMenu v-if="wishes" :items="wishes" :label="labels.help" sign="✦" :word="labels.help_short" :about="id + '-label'" @choose="$emit('wish', $event)" />
        <EditorMenu v-if="macros" :items="macros" :label="labels.macros" sign="{ }" :word="labels.macros_short" :about="id + '-label'" @choose="insert" />
      </span>
    </div>
    ${control}
    <p v-if="sample && !modelValue" class="field-sample"><button type="button" class="link" @click="$emit('update:modelValue', sample)">{{ labels.take_sample }}</button></p>
    <p v-if="undeclined" class="field-note">{{ labels.undeclined }}</p>
    <p v-if="error" class="field-error" :id="id + '-error'">{{ error }}</p>
    <p class="field-foot"><span :id="id + '-hint'">{{ hint }}</span>
      <span class="field-size"><template v-if="weight && modelValue">{{ weight }} · </template>
        <span v-if="limit" :class="{ over: length > limit }">{{ figure(length) }} / {{ figure(limit) }}</span></span></p>
  </div>`;

const WRITTEN = `:id="id" ref="box" :name="id" :value="modelValue" :aria-invalid="String(Boolean(error))"
  :aria-describedby="[error && id + '-error', id + '-hint'].filter(Boolean).join(' ')" :aria-required="String(Boolean(required))"
  @input="$emit('update:modelValue', $event.target.value)"`;

const props = {
  ...{ id: String, label: String, hint: String, error: String, limit: Number, required: Boolean, labels: Object },
  ...{ modelValue: String, wishes: Array, macros: Array, tokens: String, charactersAToken: Number, rows: Number, sample: String },
};

/** @typedef {{ $refs: Record<string, any>; $emit(event: "update:modelValue", text: string): void }} Written */

/** «16 000» in Russian, “16,000” in English. */
const figure = (/** @type {number} */ number) => number.toLocaleString(document.documentElement.lang || "ru");

const computed = {
  /** @this {{ modelValue: string }} */
  length() {
    return size(this.modelValue);
  },
  /** Whether a Russian text contains {{user}}: the name is inserted in the nominative, whatever the case. */
  /** @this {{ modelValue: string; macros?: unknown[] }} */
  undeclined() {
    return Boolean(this.macros) && /{{\s*user\s*}}/i.test(this.modelValue) && /[а-яё]/i.test(this.modelValue);
  },
  /** @this {{ length: number; charactersAToken?: number; tokens?: string }} */
  weight() {
    const tokens = Math.ceil(this.length / (this.charactersAToken || 1));
    return this.tokens ? this.tokens.replace("{n}", figure(tokens)) : "";
  },
};

const methods = {
  figure,
  /** @this {Written} */
  focus() {
    this.$refs.box.focus();
  },
  /** @this {Written} @param {string} text */
  insert(text) {
    const box = this.$refs.box;
    box.focus();
    box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
    this.$emit("update:modelValue", box.value);
  },
};

export const EditorLine = defineComponent({
  components: { EditorMenu },
  props,
  computed,
  methods,
  emits: ["update:modelValue", "wish"],
  template: around(`<input type="text" dir="auto" autocomplete="off" ${WRITTEN}>`),
});

export const EditorText = defineComponent({
  components: { EditorMenu },
  props,
  computed,
  methods,
  emits: ["update:modelValue", "wish"],
  template: around(`<textarea dir="auto" :rows="rows || 3" :placeholder="sample" ${WRITTEN}></textarea>`),
});

export const EditorChoice = defineComponent({
  props: { id: String, label: String, hint: String, error: String, required: Boolean, modelValue: String, options: Array },
  emits: ["update:modelValue"],
  template: `
    <div :class="['field', { bad: error }]">
      <div class="field-head"><label :for="id" :class="{ required }">{{ label }}</label></div>
      <select :id="id" :aria-invalid="String(Boolean(error))" :aria-required="String(Boolean(required))" :value="modelValue" @change="$emit('update:modelValue', $event.target.value)">
        <option v-for="option in options" :key="option.value" :value="option.value">{{ option.text }}</option>
      </select>
      <p v-if="error" class="field-error">{{ error }}</p>
    </div>`,
});

/** A number, or null for the default. */
export const EditorNumber = defineComponent({
  props: {
    ...{ id: String, label: String, hint: String, error: String, usualLabel: String, usual: Number },
    ...{ modelValue: Number, min: Number, max: Number, step: Number },
  },
  emits: ["update:modelValue"],
  template: `
    <fieldset :class="['field', { bad: error }]">
      <legend>{{ label }}</legend>
      <label class="check"><input type="checkbox" :id="id" :checked="modelValue === null"
        @change="$emit('update:modelValue', $event.target.checked ? null : usual)">{{ usualLabel }}</label>
      <div v-if="modelValue !== null" class="field-range">
        <input type="range" :min="min" :max="max" :step="step" :value="modelValue" :aria-label="label" @input="take">
        <input type="number" :min="min" :max="max" :step="step" :value="modelValue" :aria-label="label" @change="take">
      </div>
      <p v-if="error" class="field-error">{{ error }}</p>
      <p class="field-foot">{{ hint }}</p>
    </fieldset>`,
  methods: {
    /** @param {On<Event, HTMLInputElement>} event */
    take({ target }) {
      const number = target.valueAsNumber;
      if (Number.isFinite(number)) this.$emit("update:modelValue", this.step >= 1 ? Math.round(number) : number);
    },
  },
});
