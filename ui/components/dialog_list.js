// A person's dialogs, grouped by day, as links.

export default {
  props: { groups: Array, labels: Object },
  template: `
    <nav class="dialog-list" :aria-label="labels.list">
      <p v-if="!groups.length" class="muted">{{ labels.empty }}</p>
      <section v-for="group in prefix === null ? [] : groups" :key="group.label">
        <h2 class="dialog-day">{{ group.label }}</h2>
        <ul>
          <li v-for="item in group.items" :key="item.id">
            <a :class="['dialog', { active: item.active }]" :href="prefix + item.url" :aria-current="item.active ? 'page' : null">
              <img :src="prefix + item.picture" alt="" width="40" height="40" loading="lazy">
              <span class="dialog-text">
                <span class="dialog-name">{{ item.name }}</span>
                <span v-if="item.running" class="dialog-running">{{ labels.running }}</span>
                <span v-else class="dialog-snippet">{{ item.snippet }}</span>
              </span>
              <span class="dialog-time">{{ item.time }}</span>
            </a>
          </li>
        </ul>
      </section>
    </nav>`,
  data() {
    return { prefix: null };
  },
  async mounted() {
    await this.$nextTick(); // the page knows its path_prefix then
    this.prefix = window.path_prefix || "";
  },
};
