// Draft note: tells that the form starts from an old draft, and shows by field what was saved elsewhere since.

import { defineComponent } from "vue";

/** @typedef {"mine" | "theirs"} Choice */

const asText = (/** @type {unknown} */ value) => (Array.isArray(value) ? value.join("\n\n") : typeof value === "string" ? value : "");

export const EditorDraftNote = defineComponent({
  props: {
    ...{ labels: Object, told: Object, exists: Boolean, saved: Object, fields: Object },
    ...{ twice: /** @type {PropType<string[]>} */ (Array), labelOf: /** @type {PropType<(field: string) => string>} */ (/** @type {unknown} */ (Function)) },
  },
  emits: /** @type {Emits<{ go: string; choose: { field: string; value: unknown }; back: void }>} */ (["go", "choose", "back"]),
  template: `
    <div class="editor-draft"><p role="status">{{ labels.from_draft }}</p>
      <button type="button" class="button quiet" @click="$emit('back')">{{ exists ? labels.go_back : labels.discard }}</button>
      <div v-if="twice.length" class="editor-twice" role="alert"><p>{{ labels.changed_twice }}</p>
        <fieldset v-for="field in twice" :key="field"><legend><a :href="'#f-' + field" @click.prevent="$emit('go', field)">{{ labelOf(field) }}</a></legend>
          <label class="check"><input type="radio" :name="'twice-' + field" :checked="choice[field] === 'mine'" @change="choose(field, 'mine')"><span>{{ labels.keep_mine }}</span></label>
          <label class="check"><input type="radio" :name="'twice-' + field" :checked="choice[field] === 'theirs'" @change="choose(field, 'theirs')"><span>{{ labels.take_theirs }}</span></label>
          <details v-if="isText(field)"><summary>{{ labels.theirs }}</summary><p dir="auto">{{ theirs(field) }}</p></details>
        </fieldset></div>
    </div>`,
  data() {
    return {
      choice: /** @type {Record<string, Choice>} */ ({}),
      texts: /** @type {Record<Choice, Fields>} */ ({ mine: {}, theirs: { ...this.saved } }), // as last seen under each choice
    };
  },
  methods: {
    /** Show what stood in the field when this was chosen last. @param {string} field @param {Choice} choice */
    choose(field, choice) {
      const before = this.choice[field] ?? "mine";
      this.texts[before][field] = this.fields[field];
      this.choice[field] = choice;
      this.$emit("choose", { field, value: this.texts[choice][field] });
    },
    /** @param {string} field */
    isText(field) {
      return Array.isArray(this.saved[field]) || Boolean(this.told[field]?.limit);
    },
    /** @param {string} field */
    theirs(field) {
      return asText(this.saved[field]) || this.labels.theirs_empty;
    },
  },
});
