// Share button («Поделиться»): shares the address of this page and reports the result.

import { share } from "share_link";
import { defineComponent } from "vue";

const SAID_FOR = 4000; // ms

export default defineComponent({
  props: { address: String, name: String, labels: Object },
  template: `
    <button type="button" class="button quiet" @click="press">{{ labels.share }}</button>
    <span class="muted" role="status">{{ said }}</span>`,
  setup: () => ({ silencing: 0 }),
  data() {
    return { said: "" };
  },
  beforeUnmount() {
    clearTimeout(this.silencing);
  },
  methods: {
    async press() {
      const done = await share((window.path_prefix || "") + this.address, this.name);
      if (done === "shared") return;
      this.said = done ? this.labels.copied : this.labels.not_copied;
      clearTimeout(this.silencing);
      this.silencing = setTimeout(() => (this.said = ""), SAID_FOR);
    },
  },
});
