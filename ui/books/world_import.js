// World import: a lorebook file becomes a world. Once the file is chosen and uploaded, the page of the world opens.

import { sendFile } from "book_asking";
import { defineComponent } from "vue";

export default defineComponent({
  props: { url: String, labels: Object, limit: Number },
  template: `
    <div class="world-import">
      <input ref="file" class="visually-hidden" type="file" tabindex="-1" aria-hidden="true" accept=".json,.lorebook,.charx,.png,.yaml,.yml,application/json,image/png" @change="choose">
      <button type="button" class="button quiet" :disabled="sending" @click="$refs.file.click()">{{ sending ? labels.sending : labels.choose }}</button>
      <p v-if="error" class="field-error" role="alert">{{ error }}</p>
    </div>`,
  data: () => ({ sending: false, error: "" }),
  methods: {
    /** @param {On<Event, HTMLInputElement>} event */
    choose({ target }) {
      const [file] = target.files ?? [];
      if (file) this.send(file);
      target.value = ""; // so that the same file can be chosen again once it is corrected
    },
    /** @param {File} file */
    async send(file) {
      this.error = file.size > this.limit ? this.labels.too_large : "";
      if (this.error || this.sending) return;
      this.sending = true;
      const answer = await sendFile(this.url, file);
      if (answer.url) return void (location.href = (window.path_prefix || "") + answer.url);
      Object.assign(this, { sending: false, error: answer.error ?? this.labels.failed });
    },
  },
});
