// Book tools: adding entries, searching, import and export.

import { figure } from "book_rows";
import { defineComponent } from "vue";

export const BookTools = defineComponent({
  props: { modelValue: String, labels: Object, editable: Boolean, found: Number, all: Number, sending: Boolean, dragged: Boolean, loads: Boolean, id: Number },
  emits: /** @type {Emits<{ "update:modelValue": string; add: void; file: File }>} */ (["update:modelValue", "add", "file"]),
  template: `
    <div class="book-tools">
      <div class="book-tool-row">
        <button v-if="editable" type="button" class="button" @click="$emit('add')">+ {{ labels.add }}</button>
        <input type="search" class="book-search" :aria-label="labels.search" :placeholder="labels.search" :value="modelValue" @input="$emit('update:modelValue', $event.target.value)" @keydown.enter.prevent @keydown.esc="clear">
        <template v-if="editable && loads"><input ref="file" class="visually-hidden" type="file" tabindex="-1" aria-hidden="true" accept=".json,.lorebook,.charx,.png,.yaml,.yml,application/json,image/png" @change="choose">
          <button type="button" class="button quiet" :disabled="sending" @click="$refs.file.click()">{{ sending ? labels.sending : labels.from_file }}</button></template>
        <a v-if="id && all" class="button quiet" :href="prefix + '/export/books/' + id + '.json'" download>{{ labels.to_file }}</a>
      </div>
      <p class="muted book-count"><span role="status">{{ count }}</span><span v-if="editable">{{ labels.saved_each }}</span></p>
      <p v-if="dragged" class="book-dropping">{{ labels.drop }}</p>
    </div>`,
  data: () => ({ prefix: "" }),
  computed: {
    count() {
      const { labels, all } = this;
      if (!all) return "";
      return this.modelValue ? labels.found.replace("{n}", figure(this.found)).replace("{all}", figure(all)) : labels.count.replace("{n}", figure(all));
    },
  },
  async mounted() {
    await this.$nextTick(); // by then the page knows its path_prefix
    this.prefix = window.path_prefix || "";
  },
  methods: {
    /** @param {KeyboardEvent} event */
    clear(event) {
      if (!this.modelValue) return;
      event.stopPropagation();
      this.$emit("update:modelValue", "");
    },
    /** @param {On<Event, HTMLInputElement>} event */
    choose({ target }) {
      const [file] = target.files ?? [];
      if (file) this.$emit("file", file);
      target.value = ""; // so that the same file can be chosen again
    },
  },
});
