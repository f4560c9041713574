// Character form: the editor. Its whole state is in the browser, so a lost connection loses nothing.

import { EditorBar } from "editor_bar";
import { Drafting } from "editor_draft";
import { EditorDraftNote } from "editor_draft_note";
import { FieldWords } from "editor_field_words";
import { EditorChoice, EditorLine, EditorNumber, EditorText } from "editor_fields";
import { EditorHelp } from "editor_help";
import { EditorInterests } from "editor_interests";
import { EditorExamples, EditorGreetings } from "editor_lists";
import { EditorPhoto } from "editor_photo";
import { EditorPreview } from "editor_preview";
import { EditorTabs } from "editor_tabs";
import { defineComponent, reactive } from "vue";

const copy = (/** @type {unknown} */ value) => JSON.parse(JSON.stringify(value));

export default defineComponent({
  components: {
    ...{ EditorBar, EditorChoice, EditorDraftNote, EditorExamples, EditorGreetings, EditorHelp, EditorInterests },
    ...{ EditorLine, EditorNumber, EditorPhoto, EditorPreview, EditorTabs, EditorText },
  },
  props: {
    ...{ saved: Object, typed: Object, twice: /** @type {PropType<string[]>} */ (Array), drafted_at: String, told: Object, labels: Object, photo_labels: Object },
    ...{ faults: Object, options: /** @type {PropType<EditorOptions>} */ (Object), limits: Object, exists: Boolean, helps: Boolean },
  },
  emits: /** @type {Emits<{
    show: { fields: Fields }; keep: { fields: Fields; asked: number }; save: { fields: Fields; then: string };
    help: { fields: Fields; asked: number; field: string; wish: string }; versions: { unsaved: boolean };
    known: { field: string }; discard: void; help_cancel: void; duplicate: void; remove: void; restore: void;
  }>} */ (["show", "keep", "discard", "save", "help", "help_cancel", "known", "versions", "duplicate", "remove", "restore"]),
  template: `
    <section v-if="gone" class="sheet empty" role="status">
      <p>{{ labels.gone }}</p>
      <div class="actions"><button type="button" class="button" @click="$emit('restore')">{{ labels.restore }}</button>
        <a class="button quiet" :href="prefix + '/mine'">{{ labels.to_mine }}</a></div>
    </section>
    <div v-else :class="['editor', { previewing, knowing: tab === 'knowledge' }]">
      <div class="editor-column"><form class="editor-form" novalidate @submit.prevent="save('')">
        <h1 class="title">{{ labels.title }}</h1>
        <EditorDraftNote v-if="fromDraft" v-bind="{ labels, told, exists, saved, fields, twice }" :label-of="(field) => words.labelOf(field)" @go="goTo" @choose="choose" @back="goBack" />
        <div v-if="summary.length" ref="summary" class="editor-summary" role="alert" tabindex="-1">
          <p>{{ refused ? labels.summary : labels.to_mend }}</p>
          <ul><li v-for="each in summary" :key="each.field"><a :href="'#' + each.id" @click.prevent="goTo(each.field)">{{ each.label }}</a>: {{ each.text }}</li></ul>
        </div>
        <EditorTabs v-model="tab" :tabs="tabs" :label="labels.tabs" :wrong="labels.tab_wrong" />
        <div v-show="tab === 'main'" role="tabpanel" id="panel-main" aria-labelledby="tab-main" class="editor-panel">
          <EditorPhoto v-bind="{ labels, limits, photo, portrait, prefix }" :photo-labels="photo_labels" :chosen="fields.portrait" @photo="set('picture_token', $event)" @look="set('portrait', $event)" />
          <slot name="pictures"></slot>
          <p v-if="errors.photo" class="field-error">{{ errors.photo }}</p>
          <EditorLine v-bind="field('name')" :model-value="fields.name" @update:model-value="set('name', $event)" />
          <div class="editor-pair">
            <EditorChoice v-bind="plain('gender')" :options="options.genders" :model-value="fields.gender" @update:model-value="set('gender', $event)" />
            <EditorChoice v-bind="plain('age_mark')" :options="options.age_marks" :model-value="fields.age_mark" @update:model-value="set('age_mark', $event)" />
          </div>
          <EditorText v-bind="{ ...field('context'), sample: labels.sample }" :model-value="fields.context" @update:model-value="set('context', $event)" @wish="wish('context', $event)" />
          <fieldset class="field"><legend>{{ told.is_public.label }}</legend>
            <label v-for="each in options.visibility" :key="each.text" class="check"><input type="radio" name="is_public" :checked="fields.is_public === each.value"
              @change="set('is_public', each.value)"><span>{{ each.text }}<span class="muted">{{ each.told }}</span></span></label></fieldset>
        </div>
        <div v-show="tab === 'character'" role="tabpanel" id="panel-character" aria-labelledby="tab-character" class="editor-panel">
          <EditorLine v-bind="field('nickname')" :model-value="fields.nickname" @update:model-value="set('nickname', $event)" />
          <EditorText v-for="name in ['personality', 'scenario']" :key="name" v-bind="field(name)" :model-value="fields[name]"
            @update:model-value="set(name, $event)" @wish="wish(name, $event)" />
        </div>
        <div v-show="tab === 'speech'" role="tabpanel" id="panel-speech" aria-labelledby="tab-speech" class="editor-panel">
          <EditorText v-bind="field('greeting')" :model-value="fields.greeting" @update:model-value="set('greeting', $event)" @wish="wish('greeting', $event)" />
          <EditorGreetings name="other_greetings" :field="field" :most="limits.other_greetings" :labels="labels" :model-value="fields.other_greetings"
            @update:model-value="set('other_greetings', $event)" @wish="wish" />
          <div class="editor-examples"><h2 class="part-title">{{ told.examples.label }}</h2><p class="muted">{{ told.examples.hint }}</p>
            <EditorExamples :field="field" :most="limits.examples" :labels="labels" :model-value="fields.examples" @update:model-value="set('examples', $event)" /></div>
        </div>
        <div v-show="tab === 'model'" role="tabpanel" id="panel-model" aria-labelledby="tab-model" class="editor-panel">
          <EditorText v-bind="field('after_history')" :model-value="fields.after_history" @update:model-value="set('after_history', $event)" @wish="wish('after_history', $event)" />
          <EditorNumber v-for="name in ['temperature', 'reply_tokens']" :key="name" v-bind="{ ...plain(name), ...options[name] }"
            :model-value="fields[name]" @update:model-value="set(name, $event)" />
        </div>
        <div v-show="tab === 'publication'" role="tabpanel" id="panel-publication" aria-labelledby="tab-publication" class="editor-panel">
          <EditorLine v-bind="field('teaser')" :model-value="fields.teaser" @update:model-value="set('teaser', $event)" @wish="wish('teaser', $event)" />
          <EditorInterests v-bind="plain('interests')" :most="limits.interests" :labels="labels" :model-value="fields.interests" @update:model-value="set('interests', $event)" />
          <EditorText v-bind="field('bio')" :model-value="fields.bio" @update:model-value="set('bio', $event)" @wish="wish('bio', $event)" />
          <EditorChoice v-bind="plain('language')" :options="options.languages" :model-value="fields.language" @update:model-value="set('language', $event)" />
          <EditorText v-bind="field('notes')" :model-value="fields.notes" @update:model-value="set('notes', $event)" @wish="wish('notes', $event)" />
          <div v-if="exists" class="actions"><button type="button" class="button quiet" @click="$emit('versions', { unsaved: dirty })">{{ labels.versions }}</button><button type="button" data-once class="button quiet" @click="$emit('duplicate')">{{ labels.duplicate }}</button>
            <span class="grow"></span><button type="button" class="button quiet danger" @click="$emit('remove')">{{ labels.remove }}</button></div>
        </div>
      </form>
        <div v-if="known" v-show="tab === 'knowledge'" role="tabpanel" id="panel-knowledge" aria-labelledby="tab-knowledge" class="editor-panel">
          <slot v-if="exists"></slot>
          <div v-else class="empty"><p>{{ labels.knows_nothing }}</p><button type="button" class="button" :disabled="saving" @click="save('knowledge')">{{ labels.save_and_know }}</button></div>
        </div>
      </div>
      <aside class="editor-preview" :aria-label="labels.preview"><EditorPreview :labels="labels" :fields="fields" :picture="shownPicture" :seen="seen" :signs="options.signs" /></aside>
      <EditorBar v-bind="{ labels, previewing, saving, publishes }" :kept="drafting.word(labels)" :lost="drafting.isLost" @save="save" @preview="previewing = !previewing" />
      <EditorHelp ref="help" :labels="labels" @ask="$emit('help', { ...$event, fields })" @cancel="$emit('help_cancel')" @take="take" />
    </div>`,
  setup: (props) => ({
    drafting: reactive(new Drafting(props.typed ? "draft" : "", props.drafted_at)),
    words: new FieldWords(props),
    left: false,
  }),
  data() {
    return {
      ...{ fields: copy({ ...this.saved, ...this.typed }), fromDraft: Boolean(this.typed), errors: { ...this.faults }, refused: false, tab: "main", known: false },
      ...{ seen: { greeting: "", bio: "", text: "", tokens: "" }, saving: false, gone: false, previewing: false, prefix: "", called: this.saved.name },
    };
  },
  computed: {
    dirty() {
      return !this.gone && JSON.stringify(this.fields) !== JSON.stringify(this.saved);
    },
    tabs() {
      const wrong = new Set(Object.keys(this.errors).map((field) => this.words.tabOf(field)));
      return this.options.tabs.map((tab) => ({ ...tab, wrong: wrong.has(tab.name) }));
    },
    /** Whether saving publishes the character. */
    publishes() {
      return this.fields.is_public && !(this.exists && this.saved.is_public);
    },
    photo() {
      return this.fields.picture_token ? `/pictures/${this.fields.picture_token}/large.webp` : "";
    },
    shownPicture() {
      return this.prefix + (this.photo.replace("large", "small") || this.portrait(this.fields.portrait));
    },
    summary() {
      return Object.entries(this.errors).map(([field, text]) => ({ field, text, id: this.words.idOf(field), label: this.words.labelOf(field) }));
    },
  },
  watch: {
    tab(name) {
      this.known ||= name === "knowledge"; // fetched when it is first shown
      history.replaceState(history.state, "", name === "main" ? location.pathname + location.search : `#${name}`);
    },
    fields: {
      deep: true,
      handler() {
        this.drafting.changed(this.show, this.keep);
      },
    },
  },
  created() {
    document.addEventListener("keydown", this.press);
  },
  async mounted() {
    window.addEventListener("beforeunload", this.ask);
    window.addEventListener("hashchange", this.showNamed);
    this.showNamed();
    this.show();
    await this.$nextTick(); // by then the page knows its path_prefix
    this.prefix = window.path_prefix || "";
  },
  beforeUnmount() {
    document.removeEventListener("keydown", this.press);
    window.removeEventListener("beforeunload", this.ask);
    window.removeEventListener("hashchange", this.showNamed);
    this.drafting.end();
  },
  methods: {
    /** Show the tab that the address names: on a new page, and after "#knowledge" was added to this one's address. */
    showNamed() {
      const named = this.options.tabs.find(({ name }) => location.hash === `#${name}`);
      if (named) this.tab = named.name;
    },
    /** @param {string} name @param {unknown} value */
    set(name, value) {
      this.fields[name] = value;
      const mended = Object.entries(this.errors).filter(([field]) => field.split(".")[0] !== name && (name !== "picture_token" || field !== "photo"));
      this.errors = Object.fromEntries(mended);
    },
    /** @param {string} name */
    plain(name) {
      return this.words.ofChoice(name, this.errors);
    },
    /** @param {string} name @param {number} [place] */
    field(name, place) {
      return this.words.ofText(place === undefined ? name : `${name}.${place}`, this.errors);
    },
    /** @param {number} look */
    portrait(look) {
      return `/portraits/${encodeURIComponent(this.called || this.told.name.label[0])}.svg${look ? "?look=" + look : ""}`;
    },
    /** @param {string} field @param {string} wish */
    wish(field, wish) {
      const [name, place] = field.split(".");
      const text = this.options.wishes.find(({ value }) => value === wish)?.text;
      const old = place === undefined ? this.fields[name] : this.fields[name][place];
      this.$refs.help.open(field, wish, `${this.words.labelOf(field)}: ${text}`, old);
    },
    /** @param {string} field @param {string} text */
    take(field, text) {
      const [name, place] = field.split(".");
      this.set(name, place === undefined ? text : this.fields[name].with(Number(place), text));
    },
    /** @param {KeyboardEvent} event */
    press(event) {
      if (event.code === "KeyS" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
        event.preventDefault();
        this.save("");
      } else if (event.key === "Escape" && this.previewing) this.previewing = false;
    },
    /** @param {string} then */
    async save(then) {
      if (this.saving || this.gone) return;
      /** @type {HTMLElement | null} */ (document.activeElement)?.blur(); // to include an interest still being typed
      await this.$nextTick();
      clearTimeout(this.drafting.pausing);
      Object.assign(this, { saving: true, errors: {} });
      this.$emit("save", { fields: this.fields, then });
    },
    /** @param {string} field */
    async goTo(field) {
      this.tab = this.words.tabOf(field);
      this.previewing = false;
      await this.$nextTick();
      const control = document.getElementById(this.words.idOf(field));
      control?.focus();
      control?.scrollIntoView({ block: "center" });
    },

    // What is typed is safe: the server keeps a draft, and leaving asks for confirmation.
    show() {
      this.called = this.fields.name; // for generated portraits: not redrawn with every letter
      this.$emit("show", { fields: this.fields });
    },
    keep() {
      this.drafting.pause();
      if (this.left || this.saving) return;
      if (!this.dirty) return this.forget();
      this.$emit("keep", { fields: this.fields, asked: this.drafting.ask(this.keep) });
    },
    forget() {
      this.drafting.state = "";
      this.$emit("discard");
    },
    goBack() {
      this.fields = copy(this.saved);
      Object.assign(this, { fromDraft: false, errors: {} });
      document.getElementById(`tab-${this.tab}`)?.focus(); // the button goes
      this.forget();
    },
    /** The choice where both the draft and somebody else changed a field. @param {{ field: string; value: unknown }} chosen */
    choose({ field, value }) {
      this.set(field, copy(value));
      this.$emit("known", { field });
    },
    /** @param {Event} event */
    ask(event) {
      if (this.dirty && !this.left) event.preventDefault();
    },

    // Calls from the server.
    /** @param {number} asked @param {string} time */
    kept(asked, time) {
      this.drafting.kept(asked, time);
    },
    /** @param {number} asked */
    notKept(asked) {
      this.drafting.failed(asked, this.keep);
    },
    /** Saved: go on to the page that shows it. @param {string} address */
    leave(address) {
      this.left = true;
      location.href = (window.path_prefix || "") + address;
    },
    /** @param {{ greeting: string; bio: string; text: string; tokens: string }} seen */
    shown(seen) {
      this.seen = seen;
    },
    /** @param {Record<string, string>} errors */
    async refuse(errors) {
      Object.assign(this, { saving: false, errors, refused: true, previewing: false });
      await this.$nextTick();
      this.$refs.summary?.focus();
      this.$refs.summary?.scrollIntoView({ block: "center" });
    },
    again() {
      this.saving = false;
    },
    /** @param {number} asked @param {string} text */
    helped(asked, text) {
      this.$refs.help.helped(asked, text);
    },
    /** @param {number} asked @param {string} sentence */
    helpRefused(asked, sentence) {
      this.$refs.help.refused(asked, sentence);
    },
    /** A picture that the card brought was chosen. @param {string} token */
    takePhoto(token) {
      this.set("picture_token", token);
    },
    /** @param {boolean} gone */
    removed(gone) {
      this.gone = gone;
      this.drafting.state = "";
    },
  },
});
