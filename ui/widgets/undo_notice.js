// Undo notice: says what has been done, with a button that takes it back. Its time does not run while somebody points at
// it or has it in focus.

import { defineComponent } from "vue";

export default defineComponent({
  props: { said: String, label: String, seconds: Number },
  emits: /** @type {Emits<{ undo: void; gone: void }>} */ (["undo", "gone"]),
  template: `
    <div class="undo-notice" role="status" @mouseenter="hold" @mouseleave="run" @focusin="hold" @focusout="run">
      <span>{{ said }}</span>
      <button type="button" data-once @click="$emit('undo')">{{ label }}</button>
    </div>`,
  setup: () => ({ timer: 0 }),
  mounted() {
    this.run();
  },
  beforeUnmount() {
    this.hold();
  },
  methods: {
    hold() {
      clearTimeout(this.timer);
    },
    run() {
      this.hold();
      if (this.$el.matches(":hover, :focus-within")) return; // one of the two has ended, the other goes on
      this.timer = setTimeout(() => this.$emit("gone"), this.seconds * 1000);
    },
  },
});
