// Writing assistant: the model's proposal for a field, beside the current text. Only the person inserts it.

import { defineComponent } from "vue";

export const EditorHelp = defineComponent({
  props: { labels: Object },
  emits: ["ask", "cancel", "take"],
  template: `
    <dialog ref="dialog" class="window help" aria-labelledby="help-title" @cancel="stop">
      <h2 id="help-title" class="subtitle">{{ title }}</h2>
      <p v-if="waiting" class="help-wait" role="status"><span class="spinner" aria-hidden="true"></span>{{ labels.help_wait }}</p>
      <p v-else-if="refusal" class="field-error" role="alert">{{ refusal }}</p>
      <div v-else :class="['help-texts', { single: isCheck }]">
        <section v-if="!isCheck"><h3 class="part-title">{{ labels.help_old }}</h3><p class="help-text">{{ old || "—" }}</p></section>
        <section><h3 class="part-title">{{ isCheck ? labels.help_found : labels.help_new }}</h3>
          <p class="help-text" role="status">{{ proposed }}</p></section>
      </div>
      <div class="actions">
        <button type="button" class="button quiet" @click="close">{{ waiting ? labels.cancel : isCheck || refusal ? labels.close : labels.help_keep }}</button>
        <button v-if="!waiting && !refusal && !isCheck" type="button" class="button" @click="take">{{ labels.help_take }}</button>
      </div>
    </dialog>`,
  setup: () => ({ asked: 0 }),
  data: () => ({ title: "", field: "", wish: "", old: "", proposed: "", refusal: "", waiting: false }),
  computed: {
    isCheck() {
      return this.wish === "check";
    },
  },
  methods: {
    /** @param {string} field @param {string} wish @param {string} title @param {string} old */
    open(field, wish, title, old) {
      Object.assign(this, { field, wish, title, old, proposed: "", refusal: "", waiting: true });
      this.$refs.dialog.showModal();
      this.$emit("ask", { asked: ++this.asked, field, wish });
    },
    /** @param {number} asked @param {string} text */
    helped(asked, text) {
      if (asked === this.asked) Object.assign(this, { proposed: text, waiting: false });
    },
    /** @param {number} asked @param {string} sentence */
    refused(asked, sentence) {
      if (asked === this.asked) Object.assign(this, { refusal: sentence, waiting: false });
    },
    take() {
      this.$emit("take", this.field, this.proposed);
      this.$refs.dialog.close();
    },
    close() {
      this.stop();
      this.$refs.dialog.close();
    },
    stop() {
      if (this.waiting) this.$emit("cancel");
      this.asked++;
    },
  },
});
