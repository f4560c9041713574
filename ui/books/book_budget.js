// Book budget: the shares of it taken by entries that are always in the prompt, and by all that are switched on.

import { figure } from "book_rows";
import { defineComponent } from "vue";

export const BookBudget = defineComponent({
  props: { rows: /** @type {PropType<BookRow[]>} */ (Array), budget: Number, usual: Boolean, labels: Object },
  template: `
    <section class="book-budget" aria-labelledby="book-budget-title">
      <h3 id="book-budget-title" class="part-title">{{ labels.budget_title }}</h3>
      <div :class="['book-bar', { over: always > budget }]" role="img" :aria-label="sentence">
        <span class="book-bar-on" :style="{ width: share(on) }"></span><span class="book-bar-always" :style="{ width: share(always) }"></span></div>
      <dl class="book-sums">
        <div class="book-sum always"><dt>{{ labels.budget_always }}</dt><dd>{{ figure(always) }}</dd></div>
        <div class="book-sum on"><dt>{{ labels.budget_on }}</dt><dd>{{ figure(on) }}</dd></div>
        <div class="book-sum"><dt>{{ usual ? labels.budget_usual : labels.budget }}</dt><dd>{{ figure(budget) }}</dd></div>
      </dl>
      <p :class="['muted', { over: on > budget }]">{{ always > budget ? labels.budget_over : on > budget ? labels.budget_some : labels.budget_all }}</p>
    </section>`,
  computed: {
    always() {
      return this.rows.reduce((sum, row) => sum + (row.on && row.always ? row.tokens : 0), 0);
    },
    on() {
      return this.rows.reduce((sum, row) => sum + (row.on ? row.tokens : 0), 0);
    },
    sentence() {
      const { labels } = this;
      return `${labels.budget_always}: ${figure(this.always)}. ${labels.budget_on}: ${figure(this.on)}. ${labels.budget}: ${figure(this.budget)}.`;
    },
  },
  methods: {
    figure,
    /** @param {number} tokens */
    share(tokens) {
      return `${Math.min(100, (100 * tokens) / Math.max(1, this.budget))}%`;
    },
  },
});
