// Memory bar: an unobtrusive line above the composer that says what the character currently remembers of this chat. It
// opens the panel.

import { Follower } from "memory_fetch";
import { defineComponent } from "vue";

export default defineComponent({
  props: { url: String, labels: Object, expected: Boolean },
  emits: /** @type {Emits<{ open: void }>} */ (["open"]),
  template: `
    <div :class="['memory-line', { expected: expected && !told }]">
      <button v-if="told?.words" type="button" class="memory-bar" aria-haspopup="dialog" :title="told.words" @click="$emit('open')">
        <span class="visually-hidden">{{ labels.memory }}: </span>
        <span class="memory-words">{{ told.words }}</span>
        <svg viewBox="0 0 24 24" width="14" height="14" aria-hidden="true"><path d="M9.5 6l6 6-6 6"/></svg>
      </button>
      <div class="visually-hidden" role="status">{{ told?.said }}</div>
    </div>`,
  setup: () => ({ follower: /** @type {Follower | undefined} */ (undefined) }),
  data() {
    return { told: /** @type {{ words: string; said: string } | null} */ (null) };
  },
  mounted() {
    this.follower = new Follower(this.url, (told) => {
      this.told = told ?? this.told ?? { words: "", said: "" };
    });
    this.follower.begin();
    this.$nextTick(() => this.look()); // by then the page knows its path_prefix
  },
  beforeUnmount() {
    this.follower?.end();
  },
  methods: {
    look() {
      this.follower?.look();
    },
  },
});
