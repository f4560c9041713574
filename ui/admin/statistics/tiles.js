// Stat tiles: numbers side by side, each with its change and a link to the list behind it.

import { defineComponent } from "vue";

export default defineComponent({
  props: { tiles: Array },
  template: `
    <ul class="admin-tiles">
      <li v-for="tile in tiles" :key="tile.label">
        <a class="tile" :href="prefix + tile.href">
          <span class="tile-label">{{ tile.label }}</span>
          <span class="tile-value">{{ tile.value }}</span>
          <span :class="['tile-change', tile.tone]" :title="tile.before">{{ tile.change }}</span>
        </a>
      </li>
    </ul>`,
  data() {
    return { prefix: "" };
  },
  async mounted() {
    await this.$nextTick();
    this.prefix = window.path_prefix || "";
  },
});
