// Import preview: what a card contains, before it is imported: what was read, guessed, changed, or kept but not shown.

import { defineComponent } from "vue";

export const ImportPreview = defineComponent({
  props: { row: /** @type {PropType<CardInFile>} */ (Object), labels: Object, options: /** @type {PropType<ImportOptions>} */ (Object), prefix: String },
  emits: ["retry"],
  template: `
    <div v-if="row.state === 'failed'" class="import-failed">
      <p class="import-file">{{ row.file.name }}</p>
      <p class="field-error" role="alert">{{ row.sentence }}</p>
      <button v-if="row.again" type="button" class="button quiet" @click="$emit('retry')">{{ labels.retry }}</button>
    </div>
    <div v-else-if="!report" class="import-waiting" aria-hidden="true">
      <p class="muted">{{ row.file.name }}</p><progress :max="1" :value="row.progress && row.progress < 1 ? row.progress : undefined"></progress></div>
    <div v-else class="import-card">
      <div class="import-who">
        <img :src="row.address || report.portrait || prefix + report.generated" :alt="report.name" width="150" height="200">
        <div class="import-facts">
          <h3 dir="auto">{{ report.name }}</h3>
          <p class="muted">{{ report.summary }}</p>
          <p v-if="row.made" class="import-made" role="status">{{ report.gender ? labels.made : labels.made_world }}</p>
          <template v-else-if="report.gender">
            <label class="import-choice"><span>{{ labels.gender }}</span>
              <select v-model="row.gender" :disabled="isSettled" class="filter-select"><option v-for="each in options.genders" :key="each.value" :value="each.value">{{ each.text }}</option></select>
              <span v-if="report.gender_note" class="muted">{{ report.gender_note }}</span></label>
            <label class="import-choice"><span>{{ labels.age_mark }}</span>
              <select v-model="row.age_mark" :disabled="isSettled" class="filter-select"><option v-for="each in options.age_marks" :key="each" :value="each">{{ each }}</option></select>
              <span v-if="report.age_note" class="muted">{{ report.age_note }}</span></label>
          </template>
          <ul v-if="report.interests.length" class="chips import-tags"><li v-for="word in report.interests" :key="word" class="chip">{{ word }}</li></ul>
        </div>
      </div>
      <ul v-if="report.remarks.length" class="import-remarks"><li v-for="each in report.remarks" :key="each">{{ each }}</li></ul>
      <div class="import-parts">
      <details v-for="part in report.parts" :key="part.label" class="import-part" :open="part.is_open">
        <summary>{{ part.label }}<span class="muted">{{ part.size }}</span></summary>
        <p v-for="(text, at) in part.texts" :key="at" dir="auto">{{ text }}</p>
      </details>
      <details v-if="report.book" class="import-part" :open="!report.gender">
        <summary>{{ labels.book }}<span class="muted">{{ report.book.summary }}</span></summary>
        <ul class="import-entries">
          <li v-for="(entry, at) in report.book.entries" :key="at"><label class="check">
            <input type="checkbox" :checked="isOn(at)" :disabled="isSettled || !report.gender" @change="turn(at)"><span>{{ entry.title || entry.keys }}
              <span class="muted">{{ entry.title ? entry.keys : "" }}</span></span></label>
            <details v-if="entry.text" class="import-text"><summary class="muted">{{ entry.size }}</summary><p dir="auto">{{ entry.text }}</p></details></li>
        </ul>
        <p v-if="report.book.more" class="muted">{{ report.book.more }}</p>
      </details>
      <details v-if="report.kept.length" class="import-part">
        <summary>{{ labels.kept }}<span class="muted">{{ report.kept.length }}</span></summary>
        <p class="muted">{{ labels.kept_why }}</p>
        <ul class="chips"><li v-for="each in report.kept" :key="each" class="chip">{{ each }}</li></ul>
      </details></div>
    </div>`,
  computed: {
    report() {
      return this.row.report;
    },
    /** What was or may be imported already stays as it is: a later choice would be lost. */
    isSettled() {
      return ["wanted", "keeping", "done"].includes(this.row.state) || this.row.isSent;
    },
  },
  methods: {
    /** @param {number} at */
    isOn(at) {
      const isOn = this.report?.book?.entries[at].is_on ?? false;
      return this.row.turned.includes(at) ? !isOn : isOn;
    },
    /** @param {number} at */
    turn(at) {
      const { turned } = this.row;
      this.row.turned = turned.includes(at) ? turned.filter((each) => each !== at) : [...turned, at];
    },
  },
});
