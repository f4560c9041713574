// Tabs (ARIA pattern): one stop for the Tab key, arrows between them.

import { defineComponent } from "vue";

export const EditorTabs = defineComponent({
  props: { tabs: Array, modelValue: String, label: String, wrong: String },
  emits: ["update:modelValue"],
  template: `
    <div ref="list" class="editor-tabs" role="tablist" :aria-label="label" @keydown="press">
      <button v-for="tab in tabs" :key="tab.name" type="button" role="tab" :id="'tab-' + tab.name" :aria-controls="'panel-' + tab.name"
        :aria-selected="String(tab.name === modelValue)" :aria-label="tab.wrong ? tab.text + ', ' + wrong : null" :tabindex="tab.name === modelValue ? 0 : -1" @click="$emit('update:modelValue', tab.name)"
        >{{ tab.text }}<span v-if="tab.wrong" class="tab-wrong" :title="wrong"></span></button>
    </div>`,
  watch: {
    modelValue(name) {
      document.getElementById(`tab-${name}`)?.scrollIntoView({ block: "nearest", inline: "center" });
    },
  },
  methods: {
    /** @param {KeyboardEvent} event */
    press(event) {
      const here = this.tabs.findIndex(({ name }) => name === this.modelValue);
      const last = this.tabs.length - 1;
      const there = /** @type {Record<string, number | undefined>} */ ({ ArrowRight: here === last ? 0 : here + 1, ArrowLeft: here === 0 ? last : here - 1, Home: 0, End: last })[event.key];
      if (there === undefined) return;
      event.preventDefault();
      this.$emit("update:modelValue", this.tabs[there].name);
      this.$refs.list.children[there].focus();
    },
  },
});
