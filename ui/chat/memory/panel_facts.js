// Panel facts: known facts, each with the message that taught it. Facts that no longer hold are folded away.

import { LineEditor } from "panel_line";
import { IconButton, Source } from "panel_parts";
import { defineComponent } from "vue";

const AT_ONCE = 12; // the others are folded away

const Fact = defineComponent({
  components: { IconButton, LineEditor, Source },
  props: { fact: /** @type {PropType<MemoryFact>} */ (Object), limit: Number, labels: Object, drafts: /** @type {PropType<import("panel_line").Drafts>} */ (Object) },
  emits: /** @type {Emits<{ take: UndoableAct; go: number }>} */ (["take", "go"]),
  template: `
    <li :class="['memory-item', { past: fact.replaced }]">
      <LineEditor v-if="line" :line="line" :text="fact.text" :limit="limit" :label="labels.correct" :labels="labels"
        @save="drafts.save(line)" @cancel="drafts.close(line)" />
      <p v-show="!line" dir="auto">{{ fact.text }}</p>
      <div v-show="!line" class="memory-foot">
        <Source v-if="fact.message" :message="fact.message" :words="fact.source" @go="$emit('go', $event)" />
        <span v-if="fact.verbatim" :title="labels.verbatim_why">{{ labels.verbatim }}</span>
        <span v-if="fact.mark">{{ fact.mark }}</span>
        <span class="memory-actions">
          <IconButton v-if="!fact.replaced" icon="pin" :label="fact.pinned ? labels.unpin : labels.pin" :pressed="fact.pinned" @click="take(fact.pinned ? 'unpin-fact' : 'pin-fact')" />
          <IconButton icon="edit" :label="labels.correct" @click="drafts.open('correct', fact.id, fact.text, $event.currentTarget)" />
          <IconButton icon="forget" :label="labels.forget" @click="forget" />
        </span>
      </div>
    </li>`,
  computed: {
    line() {
      return this.drafts.of("correct", this.fact.id);
    },
  },
  methods: {
    /** @param {string} name */
    take(name) {
      this.$emit("take", { act: this.act(name), said: "", undo: null });
    },
    forget() {
      const said = this.fact.verbatim ? this.labels.forgotten_verbatim : this.labels.forgotten;
      this.$emit("take", { act: this.act("forget"), said, undo: this.act("know-again") });
    },
    /** @param {string} name */
    act(name) {
      return { name, id: this.fact.id, text: "", here: false };
    },
  },
});

export const Facts = defineComponent({
  components: { Fact },
  props: { told: /** @type {PropType<MemoryShown>} */ (Object), limit: Number, labels: Object, drafts: /** @type {PropType<import("panel_line").Drafts>} */ (Object) },
  emits: ["take", "go"],
  template: `
    <section class="memory-part" aria-labelledby="memory-facts">
      <h3 id="memory-facts">{{ labels.facts }}</h3>
      <p v-if="!told.facts.length" class="muted">{{ labels.no_facts }}</p>
      <template v-for="part in parts" :key="part.name">
        <component :is="part.words ? 'details' : 'div'" v-if="part.facts.length" class="memory-more">
          <summary v-if="part.words">{{ part.words }} ({{ part.facts.length }})</summary>
          <ul class="memory-list">
            <Fact v-for="fact in part.facts" :key="fact.id" :fact="fact" :limit="limit" :labels="labels" :drafts="drafts" @take="$emit('take', $event)" @go="$emit('go', $event)" />
          </ul>
        </component>
      </template>
    </section>`,
  computed: {
    parts() {
      const hold = this.told.facts.filter((fact) => !fact.replaced);
      return [
        { name: "first", words: "", facts: hold.slice(0, AT_ONCE) },
        { name: "others", words: this.labels.more, facts: hold.slice(AT_ONCE) },
        { name: "before", words: this.labels.before, facts: this.told.facts.filter((fact) => fact.replaced) },
      ];
    },
  },
});
