// Pick bar: what can be done with the characters that were chosen in the gallery.

import { defineComponent } from "vue";

export const PickBar = defineComponent({
  props: { labels: Object, count: Number, all: Number },
  emits: ["all", "export", "done"],
  template: `
    <div class="pick-bar" role="group" :aria-label="labels.pick">
      <p role="status">{{ labels.picked.replace("{n}", count) }}</p>
      <button type="button" class="button quiet" :disabled="!all" @click="$emit('all')">{{ labels.pick_all }}</button>
      <button type="button" class="button" :disabled="!count" @click="$emit('export')">{{ labels.export_window.export_picked }}</button>
      <button type="button" class="button quiet" @click="$emit('done')">{{ labels.picked_done }}</button>
    </div>`,
});
