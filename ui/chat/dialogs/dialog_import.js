// Import: a conversation saved as JSON is loaded: choose the file, go to the new dialog.

import { defineComponent } from "vue";

export default defineComponent({
  props: { url: String, labels: Object, limit: Number },
  template: `
    <div class="dialog-import">
      <input ref="file" class="visually-hidden" type="file" tabindex="-1" aria-hidden="true" accept=".json,application/json" @change="choose">
      <button type="button" class="button quiet" :disabled="sending" @click="$refs.file.click()">{{ sending ? labels.sending : labels.choose }}</button>
      <p v-if="error" class="field-error" role="alert">{{ error }}</p>
    </div>`,
  data() {
    return { sending: false, error: "" };
  },
  methods: {
    /** @param {On<Event, HTMLInputElement>} event */
    choose({ target }) {
      const [file] = target.files ?? [];
      if (file) this.send(file);
    },
    /** @param {File} file */
    async send(file) {
      this.error = file.size > this.limit ? this.labels.too_large : "";
      if (this.error) return this.again();
      this.sending = true;
      const prefix = window.path_prefix || "";
      let answer = /** @type {{ url?: string; error?: string }} */ ({});
      try {
        const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: file };
        answer = await (await fetch(prefix + this.url, request)).json();
      } catch {
        // no network, or no JSON: reported below
      }
      if (answer.url) return void (location.href = prefix + answer.url);
      this.error = answer.error ?? this.labels.failed;
      this.again();
    },
    /** Allows the same file to be chosen again once it is corrected. */
    again() {
      this.sending = false;
      this.$refs.file.value = "";
    },
  },
});
