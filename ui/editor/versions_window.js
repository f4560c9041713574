// Versions window: compares a character's earlier versions with later states, and goes back to one.

import { defineComponent } from "vue";

const roomy = matchMedia("(width >= 720px)");

/** The JSON answer; null if there is none. @param {string} address */
async function answer(address) {
  try {
    const told = await fetch((window.path_prefix || "") + address, { headers: { Accept: "application/json" } });
    if (told.status === 200) return await told.json();
  } catch {
    // no network, or no JSON: the window says so
  }
  return null;
}

export default defineComponent({
  props: { url: String, labels: Object, against: /** @type {PropType<{ value: string; text: string }[]>} */ (Array) },
  emits: /** @type {Emits<{ restore: { version: number } }>} */ (["restore"]),
  template: `
    <dialog ref="window" class="window versions" aria-labelledby="versions-title" @click.self="away">
      <div class="versions-head">
        <h2 id="versions-title" ref="title" tabindex="-1" autofocus class="subtitle">{{ labels.versions }}</h2>
        <button type="button" class="icon-button" :aria-label="labels.close" :title="labels.close" @click="shut">✕</button>
      </div>
      <p v-if="failed" class="versions-note" role="alert"><span>{{ labels.failed }}</span> <button type="button" class="small-button" @click="retry">{{ labels.retry }}</button></p>
      <div v-else-if="!told" class="dots" role="img" :aria-label="labels.loading"><i></i><i></i><i></i></div>
      <p v-else-if="!told.lines.length" class="versions-note muted">{{ labels.none }}</p>
      <div v-else :class="['versions-body', { open: chosen }]">
        <ul class="versions-list" :aria-label="labels.versions">
          <li v-for="each in told.lines" :key="each.id"><button type="button" :id="'version-' + each.id" :aria-current="chosen?.id === each.id ? 'true' : null" @click="choose(each)">
            <span class="versions-until">{{ each.until }}</span><span class="muted">{{ each.changed }}</span></button></li>
        </ul>
        <section v-if="chosen" class="versions-shown" aria-labelledby="version-name">
          <button type="button" class="small-button versions-back" @click="back">{{ labels.back }}</button>
          <h3 id="version-name" ref="name" tabindex="-1" class="part-title">{{ chosen.until }}</h3>
          <div class="versions-against" role="radiogroup" :aria-label="labels.compare">
            <label v-for="each in against" :key="each.value" class="check"><input type="radio" name="against" :value="each.value" v-model="compared"><span>{{ each.text }}</span></label>
          </div>
          <div class="versions-changes" role="region" tabindex="0" :aria-label="labels.changes" aria-live="polite" :aria-busy="String(!changes)">
            <div v-if="!changes" class="dots" role="img" :aria-label="labels.loading"><i></i><i></i><i></i></div>
            <p v-else-if="!changes.length" class="muted">{{ labels.same }}</p>
            <section v-for="(each, index) in changes" :key="index"><h4>{{ each.label }}</h4>
              <p :class="['versions-text', { apart: each.apart }]" dir="auto"><template v-for="(piece, place) in each.pieces" :key="place"><del v-if="piece.mark === 'removed'"><span class="visually-hidden">{{ labels.removed }} </span>{{ piece.text }}</del><ins v-else-if="piece.mark === 'added'"><span class="visually-hidden">{{ labels.added }} </span>{{ piece.text }}</ins><span v-else-if="piece.mark === 'left_out'" class="versions-gap" :title="labels.left_out">…</span><span v-else>{{ piece.text }}</span></template></p></section>
          </div>
          <p class="muted">{{ told.note }}</p>
          <p v-if="unsaved" class="versions-unsaved">{{ labels.unsaved }}</p>
          <p v-if="error" class="field-error" role="alert">{{ error }}</p>
          <div class="actions"><button type="button" data-once class="button" :disabled="waiting" @click="restore">{{ labels.restore }}</button></div>
        </section>
      </div>
    </dialog>`,
  setup: () => ({ asked: 0 }),
  data() {
    return {
      told: /** @type {VersionsShown | null} */ (null),
      chosen: /** @type {VersionLine | null} */ (null),
      changes: /** @type {VersionChange[] | null} */ (null),
      compared: this.against[0].value,
      ...{ failed: false, unsaved: false, waiting: false, error: "" },
    };
  },
  watch: {
    compared() {
      this.compare();
    },
  },
  methods: {
    /** @param {boolean} unsaved whether something is typed that going back would lose */
    open(unsaved) {
      Object.assign(this, { told: null, chosen: null, error: "", waiting: false, unsaved });
      this.$refs.window.showModal();
      this.list();
    },
    shut() {
      this.$refs.window.close();
    },
    /** Close on a click outside the window. @param {MouseEvent} event */
    away({ clientX, clientY }) {
      const { left, right, top, bottom } = this.$refs.window.getBoundingClientRect();
      if (clientX < left || clientX > right || clientY < top || clientY > bottom) this.shut();
    },
    async list() {
      this.failed = false;
      const told = await answer(this.url);
      Object.assign(this, { told, failed: !told });
      if (roomy.matches && told?.lines.length) this.choose(told.lines[0], false);
    },
    /** @param {VersionLine} line @param {boolean} [moves] whether the focus moves to where one reads on */
    async choose(line, moves = true) {
      Object.assign(this, { chosen: line, error: "" });
      this.compare();
      await this.$nextTick();
      if (moves && !roomy.matches) this.$refs.name.focus();
    },
    async compare() {
      if (!this.chosen) return;
      const asked = ++this.asked;
      Object.assign(this, { changes: null, failed: false });
      const told = await answer(`${this.url}/${this.chosen.id}?against=${this.compared}`);
      if (asked === this.asked) Object.assign(this, { changes: told?.changes ?? null, failed: !told });
    },
    retry() {
      if (this.told) this.compare();
      else this.list();
    },
    /** On a phone: go back from a version to the list. */
    async back() {
      const before = this.chosen;
      this.chosen = null;
      await this.$nextTick();
      document.getElementById(`version-${before?.id}`)?.focus();
    },
    restore() {
      if (!this.chosen) return;
      Object.assign(this, { waiting: true, error: "" });
      this.$emit("restore", { version: this.chosen.id });
    },
    /** Called by the server if going back failed. @param {string} sentence */
    refused(sentence) {
      Object.assign(this, { waiting: false, error: sentence });
    },
  },
});
