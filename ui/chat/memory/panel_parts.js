// Panel parts: small buttons and links to messages, which the sections share.

import { defineComponent } from "vue";

const ICONS = /** @type {Record<string, string>} */ ({
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6",
  edit: "M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3",
  unpin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6M4 4l16 16",
  forget: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  again: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v5h-5",
});

export const IconButton = defineComponent({
  props: { icon: String, label: String, pressed: { default: null } },
  template: `
    <button type="button" class="icon-button" :aria-label="label" :title="label" :aria-pressed="pressed">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path :d="path"/></svg>
    </button>`,
  computed: {
    /** @returns {string} */
    path() {
      return ICONS[this.icon];
    },
  },
});

/** A link to the message from which something was taken. */
export const Source = defineComponent({
  props: { message: Number, words: String },
  emits: /** @type {Emits<{ go: number }>} */ (["go"]),
  template: `<a class="memory-source" :href="'#m' + message" @click.prevent="$emit('go', message)">{{ words }} →</a>`,
});
