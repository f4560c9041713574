// Connection line: says under the header that the server cannot be reached, until it can.

import { defineComponent } from "vue";

const PATIENCE = 2000; // ms: a connection that comes back at once is not worth a word

export default defineComponent({
  props: { words: String },
  template: `
    <p :class="['connection-line', { lost }]" role="status">{{ lost ? words : "" }}</p>`,
  setup: () => ({ waiting: 0 }),
  data() {
    return { lost: false };
  },
  async mounted() {
    await this.$nextTick(); // by then the page has its socket
    window.socket?.on("disconnect", this.lose);
    window.socket?.on("connect", this.find);
  },
  beforeUnmount() {
    clearTimeout(this.waiting);
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
