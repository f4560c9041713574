// Orphaned draft: unsaved text without an entry. It is made a new entry or discarded.

import { defineComponent } from "vue";

const EXCERPT = 80;

export const BookOrphan = defineComponent({
  props: { draft: /** @type {PropType<EntryDraft>} */ (Object), labels: Object },
  emits: /** @type {Emits<{ open: void; discard: void }>} */ (["open", "discard"]),
  template: `
    <div class="book-entry-draft" role="status"><span>{{ told }}</span>
      <span class="book-orphan-acts"><button type="button" class="link" @click="$emit('open')">{{ labels.as_new }}</button>
        <button type="button" class="link" @click="$emit('discard')">{{ labels.discard }}</button></span></div>`,
  computed: {
    told() {
      const { keys, title, content } = this.draft?.values ?? {};
      const text = content || title || (keys ?? []).join(", ");
      return this.labels.orphan.replace("{text}", () => (text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text));
    },
  },
});
