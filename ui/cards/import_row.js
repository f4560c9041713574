// Import row: one file of many, with its character, its progress, and what can be done with it.

import { defineComponent } from "vue";

export const ImportRow = defineComponent({
  props: { row: /** @type {PropType<CardInFile>} */ (Object), labels: Object, prefix: String },
  emits: ["look", "retry", "drop"],
  template: `
    <li :class="['import-row', row.state]">
      <img v-if="picture" :src="picture" alt="" width="40" height="53" loading="lazy" decoding="async">
      <span v-else class="import-blank" aria-hidden="true"></span>
      <div class="import-words">
        <button v-if="row.report && !row.made" type="button" class="import-look" :data-row="row.id" @click="$emit('look')">{{ row.name }}</button>
        <a v-else-if="row.made" class="import-look" :data-row="row.id" :href="prefix + row.made.url">{{ row.name }}</a>
        <span v-else class="import-file" :data-row="row.id" tabindex="-1">{{ row.name }}</span>
        <span :class="row.state === 'failed' ? 'field-error' : 'muted'">{{ words }}</span>
      </div>
      <a v-if="row.made?.edit_url" class="small-button" :href="prefix + row.made.edit_url" :aria-label="labels.edit + ': ' + row.name">{{ labels.edit }}</a>
      <button v-if="row.state === 'failed' && row.again" type="button" class="small-button" @click="$emit('retry')">{{ labels.retry }}</button>
      <button v-if="row.state !== 'keeping' && !row.made" type="button" class="import-drop" :aria-label="labels.leave_out + ': ' + row.name"
        :title="labels.leave_out" @click="$emit('drop')">✕</button>
    </li>`,
  computed: {
    picture() {
      const { address, report } = this.row;
      return address || (report && (report.portrait || this.prefix + report.generated));
    },
    words() {
      const { row, labels } = this;
      if (row.state === "failed") return row.sentence;
      if (row.state === "ready") return row.report?.summary ?? "";
      const share = row.progress > 0 && row.progress < 1 ? ` ${Math.round(row.progress * 100)} %` : "";
      return labels[row.state] + share;
    },
  },
});
