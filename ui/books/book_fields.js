// Book fields: a number, and a switch.

import { defineComponent } from "vue";

/** A whole number. It may be null if there is a `usual`, the placeholder of an empty box. */
export const BookNumber = defineComponent({
  props: { id: String, label: String, hint: String, error: String, modelValue: Number, min: Number, max: Number, usual: String },
  emits: /** @type {Emits<{ "update:modelValue": number | null }>} */ (["update:modelValue"]),
  template: `
    <div :class="['field', { bad: error }]">
      <div class="field-head"><label :for="id">{{ label }}</label></div>
      <input :id="id" type="number" inputmode="numeric" :min="min" :max="max" step="1" :value="modelValue" :placeholder="usual"
        :aria-describedby="hint ? id + '-hint' : null" @change="take">
      <p v-if="error" class="field-error">{{ error }}</p>
      <p v-if="hint" class="field-foot"><span :id="id + '-hint'">{{ hint }}</span></p>
    </div>`,
  methods: {
    /** @param {On<Event, HTMLInputElement>} event */
    take({ target }) {
      const typed = target.valueAsNumber;
      const number = Number.isFinite(typed) ? Math.min(Math.max(Math.round(typed), this.min), this.max) : null;
      if (number !== null || this.usual) this.$emit("update:modelValue", number);
      target.value = String((number ?? (this.usual ? "" : this.modelValue)));
    },
  },
});

/** A switch, with a hint below its label. */
export const BookSwitch = defineComponent({
  props: { label: String, hint: String, modelValue: Boolean },
  emits: /** @type {Emits<{ "update:modelValue": boolean }>} */ (["update:modelValue"]),
  template: `
    <label class="check"><input type="checkbox" :checked="modelValue" @change="$emit('update:modelValue', $event.target.checked)">
      <span>{{ label }}<span v-if="hint" class="muted">{{ hint }}</span></span></label>`,
});
