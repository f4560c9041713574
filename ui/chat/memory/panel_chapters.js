// Panel chapters: summaries of the older part of the chat. Each can be corrected, or summarised anew.

import { LineEditor } from "panel_line";
import { IconButton, Source } from "panel_parts";
import { defineComponent } from "vue";

const AT_ONCE = 5; // the others are folded away
const PAGE = 20; // chapters behind sums that are fetched at once
const MOST = 500; // chapters behind sums (MOST_SUMMED_UP in memory_feed.py)

const Chapter = defineComponent({
  components: { IconButton, LineEditor, Source },
  props: { chapter: /** @type {PropType<MemoryChapter>} */ (Object), limit: Number, labels: Object, drafts: /** @type {PropType<import("panel_line").Drafts>} */ (Object) },
  emits: /** @type {Emits<{ take: UndoableAct; go: number }>} */ (["take", "go"]),
  template: `
    <li class="memory-item" :aria-busy="chapter.running">
      <p class="memory-foot"><strong>{{ chapter.title }}</strong> <span>{{ chapter.days }}</span></p>
      <LineEditor v-if="line" :line="line" :text="chapter.text" :limit="limit" :label="labels.correct" :labels="labels"
        @save="drafts.save(line)" @cancel="drafts.close(line)" />
      <p v-else-if="chapter.text" class="memory-told" dir="auto">{{ chapter.text }}</p>
      <p v-if="chapter.fault" class="muted">{{ chapter.fault }}</p>
      <div v-show="!line" class="memory-foot">
        <span class="chip">{{ chapter.badge }}</span>
        <Source :message="chapter.message" :words="labels.to_beginning" @go="$emit('go', $event)" />
        <span v-if="!chapter.running" class="memory-actions">
          <IconButton icon="edit" :label="labels.correct" @click="drafts.open('rewrite', chapter.id, chapter.text, $event.currentTarget)" />
          <IconButton icon="again" :label="labels.again" @click="retell" />
        </span>
      </div>
    </li>`,
  computed: {
    line() {
      return this.drafts.of("rewrite", this.chapter.id);
    },
  },
  methods: {
    retell() {
      this.$emit("take", { act: { name: "retell", id: this.chapter.id, text: "", here: false }, said: "", undo: null });
    },
  },
});

export const Chapters = defineComponent({
  components: { Chapter },
  props: { told: /** @type {PropType<MemoryShown>} */ (Object), limit: Number, labels: Object, drafts: /** @type {PropType<import("panel_line").Drafts>} */ (Object) },
  emits: ["take", "go", "further"],
  template: `
    <section class="memory-part" aria-labelledby="memory-chapters">
      <h3 id="memory-chapters">{{ labels.chapters }}</h3>
      <p v-if="!told.chapters.length" class="muted">{{ told.whole ? labels.no_chapters : labels.not_told }}</p>
      <template v-for="part in parts" :key="part.name">
        <component :is="part.words ? 'details' : 'div'" v-if="part.chapters.length" class="memory-more">
          <summary v-if="part.words">{{ part.words }} ({{ part.chapters.length }})</summary>
          <ul class="memory-list">
            <Chapter v-for="chapter in part.chapters" :key="chapter.id" :chapter="chapter" :limit="limit" :labels="labels" :drafts="drafts" @take="$emit('take', $event)" @go="$emit('go', $event)" />
          </ul>
        </component>
      </template>
      <details v-if="told.all_summed_up" class="memory-more" @toggle="$event.target.open && !told.summed_up.length && further()">
        <summary>{{ labels.summed_up }} ({{ told.all_summed_up }})</summary>
        <ul class="memory-list">
          <Chapter v-for="chapter in told.summed_up" :key="chapter.id" :chapter="chapter" :limit="limit" :labels="labels" :drafts="drafts" @take="$emit('take', $event)" @go="$emit('go', $event)" />
        </ul>
        <button v-if="told.summed_up.length && told.summed_up.length < most" type="button" class="small-button" @click="further">{{ labels.more }}</button>
      </details>
    </section>`,
  computed: {
    most() {
      return Math.min(this.told.all_summed_up, MOST);
    },
    parts() {
      return [
        { name: "first", words: "", chapters: this.told.chapters.slice(0, AT_ONCE) },
        { name: "others", words: this.labels.more, chapters: this.told.chapters.slice(AT_ONCE) },
      ];
    },
  },
  methods: {
    further() {
      this.$emit("further", Math.min(this.told.summed_up.length + PAGE, MOST));
    },
  },
});
