// Panel pins: messages and the person's own words that every prompt contains.

import { LineEditor } from "panel_line";
import { IconButton, Source } from "panel_parts";
import { defineComponent } from "vue";

export const Pins = defineComponent({
  components: { IconButton, LineEditor, Source },
  props: { told: /** @type {PropType<MemoryShown>} */ (Object), limit: Number, labels: Object, drafts: /** @type {PropType<import("panel_line").Drafts>} */ (Object) },
  emits: /** @type {Emits<{ take: UndoableAct; go: { id: number; elsewhere: boolean } }>} */ (["take", "go"]),
  template: `
    <section class="memory-part" aria-labelledby="memory-pins">
      <h3 id="memory-pins">{{ labels.pinned }}</h3>
      <ul v-if="told.pins.length" class="memory-list">
        <li v-for="pin in told.pins" :key="pin.id" :class="['memory-item', { past: pin.elsewhere || pin.hidden }]">
          <div class="memory-row">
            <p dir="auto">{{ pin.text }}</p>
            <IconButton icon="unpin" :label="labels.unpin" @click="unpin(pin)" />
          </div>
          <div v-if="pin.where || pin.message" class="memory-foot">
            <span v-if="pin.where">{{ pin.where }}</span>
            <Source v-if="pin.message" :message="pin.message" :words="labels.to_message" @go="$emit('go', { id: $event, elsewhere: pin.elsewhere })" />
          </div>
        </li>
      </ul>
      <p v-else class="muted">{{ labels.no_pins }}</p>
      <LineEditor v-if="line" :line="line" text="" :limit="limit" :label="labels.words" :labels="labels"
        @save="drafts.save(line, here)" @cancel="drafts.close(line)">
        <label class="memory-here"><input v-model="here" type="checkbox"> <span>{{ labels.here }}</span></label>
        <p class="muted">{{ told.room_words }}</p>
      </LineEditor>
      <button v-show="!line" type="button" class="small-button" @click="drafts.open('pin', 0, '', $event.currentTarget)">{{ labels.add }}</button>
    </section>`,
  data() {
    return { here: false };
  },
  computed: {
    line() {
      return this.drafts.of("pin", 0);
    },
  },
  methods: {
    /** @param {MemoryPin} pin */
    unpin({ id, text, message, here, elsewhere, hidden }) {
      const again = message ? { name: "pin-message", id: message, text: "", here } : { name: "pin", id: 0, text, here };
      const undo = hidden || (here && elsewhere) ? null : again; // hidden messages cannot be pinned; own words would come back on this branch
      this.$emit("take", { act: { name: "unpin", id, text: "", here: false }, said: this.labels.unpinned, undo });
    },
  },
});
