// Connection line: says under the header that the server cannot be reached, until it can.

import { defineComponent } from "vue";

const PATIENCE = 2000; // ms: a connection that comes back at once is not worth a word
const FORBIDDEN = 403;

export default defineComponent({
  props: { words: String, refusal: String },
  template: `
    <p :class="['connection-line', { lost }]" role="status">{{ lost ? (isRefused ? refusalHere : words) : "" }}</p>`,
  setup: () => ({ waiting: 0, hasConnected: false, growing: /** @type {ResizeObserver | undefined} */ (undefined) }),
  data() {
    return { lost: false, isRefused: false };
  },
  computed: {
    refusalHere() {
      return this.refusal?.replace("{address}", location.origin);
    },
  },
  async mounted() {
    // What sticks below the header makes room for the line.
    this.growing = new ResizeObserver(() => document.documentElement.style.setProperty("--connection", `${this.$el.offsetHeight}px`));
    this.growing.observe(this.$el);
    await this.$nextTick(); // by then the page has its socket
    window.socket?.on("disconnect", this.lose);
    window.socket?.on("connect_error", this.fail);
    window.socket?.on("connect", this.find);
  },
  beforeUnmount() {
    clearTimeout(this.waiting);
    this.growing?.disconnect();
    window.socket?.off("disconnect", this.lose);
    window.socket?.off("connect_error", this.fail);
    window.socket?.off("connect", this.find);
  },
  methods: {
    lose() {
      this.waiting ||= setTimeout(() => (this.lost = true), PATIENCE);
    },
    find() {
      this.hasConnected = true;
      clearTimeout(this.waiting);
      this.waiting = 0;
      this.lost = false;
      this.isRefused = false;
    },
    fail() {
      const isFirst = !this.waiting;
      this.lose();
      if (isFirst && !this.hasConnected) void this.ask();
    },
    // A script cannot learn why its socket was refused. Any other POST meets the same guard, which checks the Origin.
    async ask() {
      try {
        const answer = await fetch("/healthz", { method: "POST" });
        this.isRefused = answer.status === FORBIDDEN;
      } catch {
        // No server: that is what the line says.
      }
    },
  },
});
