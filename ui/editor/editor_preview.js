// Preview: how others will see the character: its card, its greeting, and what the model is told.

import { defineComponent } from "vue";

const TAGS = 3;

export const EditorPreview = defineComponent({
  props: { labels: Object, fields: Object, picture: String, seen: Object, signs: Object },
  template: `
    <div class="preview-parts">
      <section><h2 class="part-title">{{ labels.preview_card }}</h2>
        <div class="card preview-card" aria-hidden="true">
          <div class="card-photo"><img :src="picture" alt="" width="300" height="400">
            <div class="card-marks"><span class="card-mark">{{ fields.age_mark }}</span>
              <span v-if="!fields.is_public" class="card-mark badge">{{ labels.private }}</span>
              <span v-if="fields.gender" class="card-mark gender">{{ signs[fields.gender] }}</span></div></div>
          <div class="card-text"><p class="card-name">{{ fields.name || labels.nameless }}</p>
            <p class="card-teaser">{{ fields.teaser || seen.bio }}</p>
            <div v-if="fields.interests.length" class="card-tags"><span v-for="word in fields.interests.slice(0, ${TAGS})" :key="word" class="chip">{{ word }}</span>
              <span v-if="fields.interests.length > ${TAGS}" class="muted">+{{ fields.interests.length - ${TAGS} }}</span></div></div>
        </div>
      </section>
      <section><h2 class="part-title">{{ labels.preview_first }}</h2>
        <div v-if="seen.greeting" class="bubble rich preview-bubble" v-html="seen.greeting"></div>
        <p v-else class="muted">{{ labels.preview_silent }}</p>
      </section>
      <details class="fold"><summary>{{ labels.preview_model }} · {{ seen.tokens }}</summary>
        <p class="preview-seen" tabindex="0">{{ seen.text }}</p></details>
    </div>`,
});
