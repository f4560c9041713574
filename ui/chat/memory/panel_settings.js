// Panel settings: the switch of memory, the length of prompts, what memory has cost, and forgetting everything.

import { defineComponent } from "vue";

export const Settings = defineComponent({
  props: { told: /** @type {PropType<MemoryShown>} */ (Object), labels: Object },
  emits: /** @type {Emits<{ take: UndoableAct }>} */ (["take"]),
  template: `
    <section class="memory-part" :aria-label="labels.settings">
      <label class="memory-switch">
        <input type="checkbox" role="switch" :checked="!told.off" @change="turn">
        <span>{{ labels.on }}</span>
      </label>
      <p class="muted">{{ told.off ? labels.off_hint : labels.on_hint }}</p>
      <p v-if="told.off && (told.facts.length || told.chapters.length)" class="muted">{{ labels.kept_hint }}</p>
      <label v-if="told.sizes.length" class="memory-size">
        <span>{{ labels.size }}</span>
        <select :value="told.size" @change="choose">
          <option v-for="[tokens, words] in told.sizes" :key="tokens" :value="tokens">{{ words }}</option>
        </select>
      </label>
      <p v-if="told.sizes.length" class="muted">{{ labels.size_hint }}</p>
      <p v-if="told.cost" class="muted">{{ told.cost }}</p>
      <button type="button" class="small-button danger" @click="$refs.sure.showModal()">{{ labels.forget_all }}</button>
      <dialog ref="sure" class="window memory-sure" aria-labelledby="memory-sure" @keydown.esc.stop>
        <h2 id="memory-sure">{{ labels.forget_all_sure }}</h2>
        <p class="muted">{{ labels.forget_all_hint }}</p>
        <div class="actions">
          <button type="button" class="button" autofocus @click="$refs.sure.close()">{{ labels.cancel }}</button>
          <button type="button" class="button quiet danger" @click="forgetAll">{{ labels.forget_all }}</button>
        </div>
      </dialog>
    </section>`,
  methods: {
    /** @param {On<Event, HTMLInputElement>} event */
    turn({ target }) {
      const act = { name: target.checked ? "on" : "off", id: 0, text: "", here: false };
      target.checked = !this.told.off; // it changes once the server says so
      this.$emit("take", { act, said: "", undo: null });
    },
    /** @param {On<Event, HTMLSelectElement>} event */
    choose({ target }) {
      const act = { name: "size", id: Number(target.value), text: "", here: false };
      target.value = String(this.told.size); // it changes once the server says so
      this.$emit("take", { act, said: "", undo: null });
    },
    forgetAll() {
      this.$refs.sure.close();
      this.$emit("take", { act: { name: "forget-all", id: 0, text: "", here: false }, said: this.labels.all_forgotten, undo: null });
    },
  },
});
