// Editor bar: whether the draft is kept, a button for the preview on narrow screens, and the ways to save.

import { EditorMenu } from "editor_fields";
import { defineComponent } from "vue";

export const EditorBar = defineComponent({
  components: { EditorMenu },
  props: { labels: Object, kept: String, lost: Boolean, previewing: Boolean, saving: Boolean, publishes: Boolean },
  emits: /** @type {Emits<{ save: string; preview: void }>} */ (["save", "preview"]),
  template: `
    <div class="editor-bar">
      <p :class="['muted', { 'not-kept': lost }]" role="status">{{ kept }}</p>
      <button type="button" class="button quiet editor-look" :aria-pressed="String(previewing)" @click="$emit('preview')">{{ previewing ? labels.to_form : labels.preview }}</button>
      <button type="button" class="button quiet wide-only" :disabled="saving" @click="$emit('save', 'chat')">{{ labels.save_and_chat }}</button>
      <button type="button" class="button" :disabled="saving" @click="$emit('save', '')">{{ publishes ? labels.publish : labels.save }}</button>
      <EditorMenu class="save-ways" :items="[{ value: 'chat', text: labels.save_and_chat }]" :label="labels.other_ways" sign="▾" @choose="$emit('save', 'chat')" />
    </div>`,
});
