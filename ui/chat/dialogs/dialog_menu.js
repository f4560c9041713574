// Dialog menu: the «⋯» of the open dialog, in the header: opens the menu of its line in the list.

import { defineComponent } from "vue";

export default defineComponent({
  props: { dialog: /** @type {PropType<DialogLine>} */ (Object), label: String },
  template: `
    <button type="button" class="dialog-more" aria-haspopup="menu" aria-expanded="false" :aria-label="named" :title="named" @click="open">⋯</button>`,
  data() {
    return { shown: this.dialog };
  },
  computed: {
    named() {
      return this.label.replace("{name}", this.shown.name);
    },
  },
  mounted() {
    window.addEventListener("beseda:dialog", this.hear);
  },
  beforeUnmount() {
    window.removeEventListener("beseda:dialog", this.hear);
  },
  methods: {
    /** @param {On<Event>} event */
    open({ currentTarget }) {
      window.dispatchEvent(new CustomEvent("beseda:actions", { detail: { dialog: this.shown, button: currentTarget } }));
    },
    /** The list was told of a change. @param {CustomEvent<DialogLine>} event */
    hear({ detail }) {
      if (detail.id === this.shown.id) this.shown = detail;
    },
  },
});
