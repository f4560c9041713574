// Key help: the small window with the keys, opened by «?» or Ctrl+/.

import { defineComponent } from "vue";

export default defineComponent({
  props: { title: String, close: String, keys: Array },
  template: `
    <dialog ref="window" class="window key-help" :aria-label="title" @keydown.esc.stop @click.self="$refs.window.close()">
      <h2>{{ title }}</h2>
      <dl>
        <template v-for="[key, words] in keys" :key="key"><dt><kbd>{{ key }}</kbd></dt><dd>{{ words }}</dd></template>
      </dl>
      <button type="button" class="button" @click="$refs.window.close()">{{ close }}</button>
    </dialog>`,
  mounted() {
    window.addEventListener("keydown", this.press);
  },
  beforeUnmount() {
    window.removeEventListener("keydown", this.press);
  },
  methods: {
    /** @param {KeyboardEvent} event */
    press(event) {
      const { target } = event;
      const writes = target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
      const asks = event.key === "?" && !writes;
      const bySlash = event.code === "Slash" && (event.ctrlKey || event.metaKey); // by physical key, whatever the layout
      if (!asks && !bySlash) return;
      event.preventDefault();
      if (!this.$refs.window.open) this.$refs.window.showModal();
    },
  },
});
