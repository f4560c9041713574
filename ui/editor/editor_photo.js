// Editor photo: an uploaded photo, or one of the portraits that are drawn for characters without one.

import { PhotoChoice } from "photo_choice";
import { defineComponent } from "vue";

export const EditorPhoto = defineComponent({
  components: { PhotoChoice },
  props: {
    ...{ labels: Object, photoLabels: Object, limits: Object, photo: String, chosen: Number, prefix: String },
    portrait: /** @type {PropType<(look: number) => string>} */ (/** @type {unknown} */ (Function)),
  },
  emits: /** @type {Emits<{ photo: string | null; look: number }>} */ (["photo", "look"]),
  template: `
    <PhotoChoice cards url="/feed/photos" :labels="photoLabels" :picture="photo" :without="portrait(chosen)" :limit="limits.photo"
      @picked="$emit('photo', $event.picture_id)" @removed="$emit('photo', null)">
      <fieldset class="portraits"><legend class="muted">{{ labels.portraits }}</legend>
        <label v-for="look in limits.portraits" :key="look"><input type="radio" name="portrait" class="visually-hidden" :checked="chosen === look - 1"
          :aria-label="labels.portrait + ' ' + look" @change="$emit('look', look - 1)"><img :src="prefix + portrait(look - 1)" alt="" width="48" height="64"></label>
      </fieldset>
    </PhotoChoice>`,
});
