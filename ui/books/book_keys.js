// Key input: the keys of an entry as chips. Enter or a comma ends a key; regular expressions may contain commas.

import { defineComponent } from "vue";

const isExpression = (/** @type {string} */ typed) => typed.trimStart().startsWith("/");

export const BookKeys = defineComponent({
  props: { id: String, label: String, hint: String, error: String, modelValue: /** @type {PropType<string[]>} */ (Array), labels: Object },
  emits: /** @type {Emits<{ "update:modelValue": string[] }>} */ (["update:modelValue"]),
  template: `
    <div :class="['field', { bad: error }]">
      <div class="field-head"><label :for="id">{{ label }}</label></div>
      <div class="interest-box" @click.self="$refs.box.focus()">
        <span v-for="(key, place) in modelValue" :key="key" class="chip" dir="auto"><span class="book-key">{{ key }}</span>
          <button type="button" :aria-label="labels.remove_key.replace('{key}', key)" @click="remove(place)">✕</button></span>
        <input ref="box" :id="id" type="text" dir="auto" autocomplete="off" autocapitalize="off" enterkeyhint="enter" v-model="typed"
          :aria-describedby="id + '-hint'" :aria-invalid="String(Boolean(error))" @input="look" @keydown="press" @blur="take" @paste="paste">
      </div>
      <p v-if="error" class="field-error">{{ error }}</p>
      <p class="field-foot"><span :id="id + '-hint'">{{ hint }}</span></p>
    </div>`,
  data: () => ({ typed: "" }),
  methods: {
    look() {
      if (this.typed.includes(",") && !isExpression(this.typed)) this.add(this.typed.split(","));
    },
    /** @param {ClipboardEvent} event */
    paste(event) {
      const lines = event.clipboardData?.getData("text").split("\n") ?? [];
      if (lines.length < 2) return;
      event.preventDefault();
      this.add([this.typed, ...lines].flatMap((line) => (isExpression(line) ? [line] : line.split(","))));
    },
    /** @param {KeyboardEvent} event */
    press(event) {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      if (event.key === "Enter") {
        event.preventDefault();
        this.take();
      } else if (event.key === "Backspace" && !this.typed && this.modelValue.length) {
        event.preventDefault();
        this.typed = this.modelValue.at(-1) ?? ""; // so that the last key can be corrected
        this.$emit("update:modelValue", this.modelValue.slice(0, -1));
      }
    },
    take() {
      this.add([this.typed]);
    },
    /** @param {string[]} typed */
    add(typed) {
      this.typed = "";
      const keys = typed.map((key) => key.trim()).filter(Boolean);
      const all = [...new Set([...this.modelValue, ...keys])];
      if (all.length > this.modelValue.length) this.$emit("update:modelValue", all);
    },
    /** @param {number} place */
    remove(place) {
      this.$emit("update:modelValue", this.modelValue.toSpliced(place, 1));
      this.$refs.box.focus();
    },
  },
});
