// Connection line: says under the header that the server cannot be reached, until it can.

import { defineComponent } from "vue";

const PATIENCE = 2000; // ms: a connection that comes back at once is not worth a word

export default defineComponent({
  props: { words: String },
  template: `
    <p :class="['connection-line', { lost }]" role="status">{{ lost ? words : "" }}</p>`,
  setup: () => ({ waiting: 0, growing: /** @type {ResizeObserver | undefined} */ (undefined) }),
  data() {
    return { lost: false };
  },
  async mounted() {
    // What sticks below the header makes room for the line.
    this.growing = new ResizeObserver(() => document.documentElement.style.setProperty("--connection", `${this.$el.offsetHeight}px`));
    this.growing.observe(this.$el);
    await this.$nextTick(); // by then the page has its socket
    window.socket?.on("disconnect", this.lose);
    window.socket?.on("connect", this.find);
  },
  beforeUnmount() {
    clearTimeout(this.waiting);
    this.growing?.disconnect();
    window.socket?.off("disconnect", this.lose);
    window.socket?.off("connect", this.find);
  },
  methods: {
    lose() {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => (this.lost = true), PATIENCE);
    },
    find() {
      clearTimeout(this.waiting);
      this.lost = false;
    },
  },
});
