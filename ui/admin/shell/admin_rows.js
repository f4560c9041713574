// Table rows (cards on a phone): each cell is text, or text with a picture, a link and badges.

import { defineComponent } from "vue";

// A cell: "text", {text, href, title, picture, note, chips: [{text, tone}], bar: 0…1} or {fold, lines: [words]}.

export const Cell = defineComponent({
  props: { cell: null, prefix: String },
  computed: {
    shown() {
      return this.cell !== null && typeof this.cell === "object" ? this.cell : { text: this.cell };
    },
  },
  template: `
    <details v-if="shown.fold" class="cell-fold">
      <summary>{{ shown.fold }}</summary>
      <p v-for="line in shown.lines" :key="line">{{ line }}</p>
    </details>
    <component v-else :is="shown.href ? 'a' : 'span'" class="cell" :href="shown.href ? prefix + shown.href : null" :title="shown.title || null">
      <img v-if="shown.picture" :src="prefix + shown.picture" alt="" width="32" height="32" loading="lazy">
      <span class="cell-words">
        <span v-if="shown.text !== undefined && shown.text !== ''" class="cell-text">{{ shown.text }}</span>
        <span v-if="shown.note" class="cell-note">{{ shown.note }}</span>
        <span v-if="shown.chips?.length" class="cell-chips">
          <span v-for="chip in shown.chips" :key="chip.text" :class="['mark', chip.tone]">{{ chip.text }}</span>
        </span>
        <span v-if="shown.bar !== undefined" class="cell-bar" aria-hidden="true"><span :style="{ width: 100 * shown.bar + '%' }"></span></span>
      </span>
    </component>`,
});

export default defineComponent({
  components: { Cell },
  props: { columns: /** @type {PropType<Column[]>} */ (Array), rows: Array, caption: String, empty: String, sorted: String, busy: Boolean },
  emits: ["sort"],
  template: `
    <div class="admin-rows" :aria-busy="busy">
      <table v-if="rows.length" class="admin-table" role="table">
        <caption class="visually-hidden">{{ caption }}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th v-for="column in columns" :key="column.key" scope="col" role="columnheader" :class="{ number: column.number }" :aria-sort="direction(column)">
              <button v-if="column.sort" type="button" @click="$emit('sort', column)">{{ column.label }}<span class="arrow" aria-hidden="true">{{ arrow(column) }}</span></button>
              <template v-else>{{ column.label }}</template>
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          <tr v-for="(row, at) in rows" :key="row.id ?? at" role="row">
            <td v-for="column in columns" :key="column.key" role="cell" :class="{ number: column.number, cut: column.cut, bare: isBare(row[column.key]) }" :data-label="column.label">
              <Cell :cell="row[column.key]" :prefix="prefix" />
            </td>
          </tr>
        </tbody>
      </table>
      <p v-else-if="!busy" class="admin-empty">{{ empty }}</p>
    </div>`,
  data() {
    return { prefix: "" };
  },
  async mounted() {
    await this.$nextTick(); // by then the page knows its path_prefix
    this.prefix = window.path_prefix || "";
  },
  methods: {
    /** @param {Column} column */
    direction(column) {
      if (!column.sort) return null;
      return /** @type {Record<string, string>} */ ({ [column.sort]: "ascending", [`-${column.sort}`]: "descending" })[this.sorted] ?? "none";
    },
    /** @param {Column} column */
    arrow(column) {
      return /** @type {Record<string, string>} */ ({ ascending: "▲", descending: "▼" })[this.direction(column) ?? ""] ?? "";
    },
    /** @param {Cell} cell */
    isBare(cell) {
      return cell === "" || cell === null || cell === undefined || (typeof cell === "object" && cell.chips?.length === 0);
    },
  },
});
