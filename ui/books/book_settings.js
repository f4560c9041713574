// Book settings: scan depth, token budget, recursion, visibility of titles. Each is saved when it is changed.

import { BookNumber, BookSwitch } from "book_fields";
import { defineComponent } from "vue";

export const BookSettings = defineComponent({
  components: { BookNumber, BookSwitch },
  props: { book: /** @type {PropType<BookShown>} */ (Object), labels: Object, limits: Object, editable: Boolean, error: String, field: String },
  emits: /** @type {Emits<{ change: Record<string, unknown> }>} */ (["change"]),
  template: `
    <details class="fold book-settings"><summary>{{ labels.settings }}</summary>
      <fieldset class="book-fold" :disabled="!editable">
        <BookNumber id="book-depth" :label="labels.scan_depth" :hint="labels.scan_depth_hint" :usual="labels.usual.replace('{n}', book.usual_depth)" :min="0" :max="limits.depth"
          :error="field === 'scan_depth' ? error : ''" :model-value="book.scan_depth" @update:model-value="change('scan_depth', $event)" />
        <BookNumber id="book-budget" :label="labels.token_budget" :hint="labels.token_budget_hint" :usual="labels.usual.replace('{n}', book.usual_budget)" :min="0" :max="limits.budget"
          :error="field === 'token_budget' ? error : ''" :model-value="book.token_budget" @update:model-value="change('token_budget', $event)" />
        <BookSwitch :label="labels.is_recursive" :hint="labels.is_recursive_hint" :model-value="Boolean(book.is_recursive)" @update:model-value="change('is_recursive', $event)" />
        <BookSwitch :label="labels.shows_titles" :hint="labels.shows_titles_hint" :model-value="book.shows_titles" @update:model-value="change('shows_titles', $event)" />
      </fieldset>
    </details>`,
  methods: {
    /** @param {string} name @param {unknown} value */
    change(name, value) {
      this.$emit("change", { [name]: value });
    },
  },
});
