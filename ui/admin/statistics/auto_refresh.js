// Auto-refresh (polling): a switch that asks for fresh numbers every few seconds, only while the page is visible.

import { inThisTab } from "browser_store";
import { defineComponent } from "vue";

const KEY = "beseda:pulse";

export default defineComponent({
  props: { label: String, every: Number },
  emits: /** @type {Emits<{ beat: void }>} */ (["beat"]),
  template: `
    <label class="admin-switch">
      <input type="checkbox" role="switch" :checked="on" @change="turn($event.target.checked)">
      <span>{{ label }}</span>
    </label>`,
  setup: () => ({ timer: 0 }),
  data() {
    return { on: inThisTab.get(KEY) === true };
  },
  mounted() {
    document.addEventListener("visibilitychange", this.look);
    this.look();
  },
  beforeUnmount() {
    document.removeEventListener("visibilitychange", this.look);
    clearInterval(this.timer);
  },
  methods: {
    /** @param {boolean} on */
    turn(on) {
      this.on = on;
      inThisTab.set(KEY, on);
      this.look();
    },
    look() {
      clearInterval(this.timer);
      if (!this.on || document.hidden) return;
      this.$emit("beat");
      this.timer = setInterval(() => this.$emit("beat"), this.every);
    },
  },
});
