// Panel prompt: what the model would read next, fetched when the person opens it.

import { answer } from "memory_fetch";
import { defineComponent } from "vue";

export const Prompt = defineComponent({
  props: { url: String, labels: Object },
  template: `
    <details class="memory-part memory-more" @toggle="look">
      <summary>{{ labels.prompt }}</summary>
      <p v-if="failed" class="field-error" role="alert">{{ labels.failed }}</p>
      <div v-else-if="!told" class="dots" role="img" :aria-label="labels.loading"><i></i><i></i><i></i></div>
      <template v-else>
        <p class="muted">{{ told.said }}</p>
        <ul class="memory-list">
          <li v-for="(part, index) in told.parts" :key="index" class="memory-item">
            <p class="memory-foot"><strong>{{ part.who }}</strong></p>
            <p class="memory-told" dir="auto">{{ part.text }}</p>
          </li>
        </ul>
      </template>
    </details>`,
  data() {
    return { told: /** @type {{ said: string; parts: { who: string; text: string }[] } | null} */ (null), failed: false };
  },
  methods: {
    /** @param {On<Event, HTMLDetailsElement>} event */
    async look({ target }) {
      if (!target.open) return;
      this.told = await answer(this.url);
      this.failed = !this.told;
    },
  },
});
