// Book selection: what can be done with all selected entries at once.

import { figure } from "book_rows";
import { defineComponent } from "vue";

export const BookChosen = defineComponent({
  props: { count: Number, labels: Object, movable: Boolean },
  emits: /** @type {Emits<{ turn: boolean; remove: void; step: number; none: void }>} */ (["turn", "remove", "step", "none"]),
  template: `
    <div class="book-chosen" role="group" :aria-label="words">
      <strong>{{ words }}</strong>
      <button type="button" class="small-button" @click="$emit('turn', true)">{{ labels.turn_on }}</button>
      <button type="button" class="small-button" @click="$emit('turn', false)">{{ labels.turn_off }}</button>
      <template v-if="movable"><button type="button" class="small-button" :aria-label="labels.up" :title="labels.up" @click="$emit('step', -1)">↑</button>
        <button type="button" class="small-button" :aria-label="labels.down" :title="labels.down" @click="$emit('step', 1)">↓</button></template>
      <button type="button" class="small-button" @click="$emit('remove')">{{ labels.remove }}</button>
      <button type="button" class="small-button" @click="$emit('none')">{{ labels.none }}</button>
    </div>`,
  computed: {
    words() {
      return this.labels.chosen.replace("{n}", figure(this.count));
    },
  },
});
