// Memory panel: shows what the character remembers of this chat, to be read, corrected and forgotten.

// It is beside the chat if there is room, otherwise over it, on a phone as a sheet. Over the chat, the dialog element
// keeps the focus inside and gives it back.

import { Follower } from "memory_fetch";
import { Chapters } from "panel_chapters";
import { Facts } from "panel_facts";
import { Asking, Drafts } from "panel_line";
import { Source } from "panel_parts";
import { Pins } from "panel_pins";
import { Prompt } from "panel_prompt";
import { Settings } from "panel_settings";
import { newId } from "text_box";
import UndoNotice from "undo_notice";
import { defineComponent, reactive } from "vue";

const UNDO_OFFERED = 20; // seconds
const roomy = matchMedia("(width >= 1280px)");

export default defineComponent({
  components: { Chapters, Facts, Pins, Prompt, Settings, Source, UndoNotice },
  props: { url: String, turn: String, prompt: String, labels: Object, limits: Object },
  emits: /** @type {Emits<{ act: Act & { key: string } }>} */ (["act"]),
  template: `
    <dialog ref="window" class="memory-panel" aria-labelledby="memory-title" @close="closed" @keydown.esc="escape" @click.self="away">
      <div class="memory-head">
        <h2 id="memory-title" ref="title" tabindex="-1" autofocus>{{ labels.memory }}</h2>
        <button type="button" class="icon-button" :aria-label="labels.close" :title="labels.close" @click="shut">✕</button>
      </div>
      <div class="memory-body">
        <p v-if="failed" class="chat-failed" role="alert">
          <span>{{ labels.failed }}</span> <button type="button" class="small-button" @click="look(true)">{{ labels.retry }}</button>
        </p>
        <div v-if="!told && !failed" class="dots" role="img" :aria-label="labels.loading"><i></i><i></i><i></i></div>
        <template v-if="told">
          <p v-if="told.bar" class="muted">{{ told.bar }}</p>
          <p v-if="error" class="field-error" role="alert">{{ error }}</p>
          <div v-if="told.question" class="memory-question">
            <p>{{ told.question }}</p>
            <button type="button" class="small-button primary" @click="take({ act: act('read'), said: labels.reading, undo: null })">{{ labels.read }}</button>
          </div>
          <Pins :told="told" :limit="limits.pin" :labels="labels" :drafts="drafts" @take="take" @go="go($event.id, $event.elsewhere)" />
          <Facts :told="told" :limit="limits.fact" :labels="labels" :drafts="drafts" @take="take" @go="go" />
          <Chapters :told="told" :limit="limits.chapter" :labels="labels" :drafts="drafts" @take="take" @go="go" @further="further" />
          <section class="memory-part" aria-labelledby="memory-recalled">
            <h3 id="memory-recalled">{{ labels.recalled }}</h3>
            <p v-if="!told.recalled.length" class="muted">{{ labels.no_recalled }}</p>
            <ul v-else class="memory-list">
              <li v-for="each in told.recalled" :key="each.message" class="memory-item">
                <p dir="auto"><span v-if="each.who" class="memory-who">{{ each.who }}:</span> {{ each.text }}</p>
                <p class="memory-foot"><Source :message="each.message" :words="each.date" @go="go" /></p>
              </li>
            </ul>
          </section>
          <Prompt :url="prompt" :labels="labels" />
          <Settings :told="told" :labels="labels" @take="take" />
        </template>
        <UndoNotice v-if="undo" :key="undo.key" ref="notice" :said="undo.said" :label="labels.undo" :seconds="seconds" @undo="takeBack" @gone="undo = null" />
      </div>
      <div class="visually-hidden" role="status">{{ said }}</div>
    </dialog>`,
  setup({ labels }, { emit }) {
    const asking = new Asking((act) => emit("act", act), labels.late);
    return {
      asking,
      drafts: reactive(new Drafts((act) => asking.ask(act))),
      follower: /** @type {Follower | undefined} */ (undefined),
      opener: /** @type {HTMLElement | null} */ (null),
      leaving: new AbortController(), // removes the listener
      seconds: UNDO_OFFERED,
    };
  },
  data() {
    return {
      told: /** @type {MemoryShown | null} */ (null),
      failed: false,
      error: "",
      said: "",
      undo: /** @type {{ act: Act; said: string; key: string } | null} */ (null),
    };
  },
  watch: {
    "drafts.lines"() {
      this.look(true); // withWritten kept old lines meanwhile
    },
  },
  mounted() {
    this.follower = new Follower(this.url, this.show);
    this.follower.begin();
    roomy.addEventListener("change", this.rearrange, { signal: this.leaving.signal });
    this.open();
  },
  beforeUnmount() {
    this.follower?.end();
    this.leaving.abort();
  },
  methods: {
    // ---- Opening and closing ----

    open() {
      const { window: panel } = this.$refs;
      if (!panel.open) {
        this.opener = /** @type {HTMLElement | null} */ (document.activeElement);
        this.put();
      }
      this.look(true);
    },
    put() {
      if (roomy.matches) this.$refs.window.show();
      else this.$refs.window.showModal();
    },
    /** Move the panel, since the window has become too narrow for both, or wide enough. */
    rearrange() {
      if (!this.$refs.window.open) return;
      this.$refs.window.close();
      this.put();
    },
    shut() {
      this.$refs.window.close();
    },
    closed() {
      this.undo = null;
      if (this.$refs.window.open) return; // rearrange has already reopened it
      const composer = /** @type {HTMLElement | null} */ (document.querySelector(".composer textarea"));
      (this.opener?.isConnected ? this.opener : composer)?.focus({ preventScroll: true });
    },
    /** @param {KeyboardEvent} event */
    escape(event) {
      event.stopPropagation();
      event.preventDefault();
      this.shut();
    },
    /** Close on a click outside. @param {MouseEvent} event */
    away({ clientX, clientY }) {
      const { left, right, top, bottom } = this.$refs.window.getBoundingClientRect();
      if (clientX < left || clientX > right || clientY < top || clientY > bottom) this.shut();
    },

    // ---- Contents ----

    look(now = false) {
      if (this.$refs.window.open) this.follower?.look(now);
    },
    /** @param {MemoryShown | null} told */
    show(told) {
      this.failed = !told && !this.told;
      if (!told) return;
      if (this.told) {
        told.facts = this.withWritten(told.facts, this.told.facts, "correct");
        told.chapters = this.withWritten(told.chapters, this.told.chapters, "rewrite");
        told.summed_up = this.withWritten(told.summed_up, this.told.summed_up, "rewrite");
      }
      const inside = this.$el.contains(document.activeElement);
      this.told = told;
      this.$nextTick(() => {
        if (inside && !this.$el.contains(document.activeElement)) this.$refs.title.focus({ preventScroll: true });
      }); // the focused element is gone
    },
    /** Fetch this many of the chapters behind sums from now on. @param {number} chapters */
    further(chapters) {
      if (this.follower) this.follower.address = `${this.url}?summed_up=${chapters}`;
      this.look(true);
    },
    /** Keep items that are being edited until that is done, even if they are gone. */
    /** @template {{ id: number }} T @param {T[]} items @param {T[]} before @param {string} name */
    withWritten(items, before, name) {
      const kept = [...items];
      before.forEach((item, at) => {
        if (this.drafts.of(name, item.id) && !items.some(({ id }) => id === item.id)) kept.splice(at, 0, item);
      });
      return kept;
    },

    // ---- Actions of the person ----

    /** @param {string} name @returns {Act} */
    act(name) {
      return { name, id: 0, text: "", here: false };
    },
    /** @param {string} key @param {string} error why it was refused; "" if it is done */
    answered(key, error) {
      if (this.asking.answered(key, error) && !error) this.look(true);
    },
    /** @param {UndoableAct} taken */
    async take({ act, said, undo }) {
      this.undo = null;
      this.said = "";
      const { error } = await this.asking.ask(act);
      this.error = error;
      if (error) return;
      this.said = undo ? "" : said; // the notice says it itself
      if (!undo) return;
      this.undo = { act: undo, said, key: newId() };
      await this.$nextTick();
      this.$refs.notice?.$el.querySelector("button").focus({ preventScroll: true }); // the pressed button goes with its line
    },
    async takeBack() {
      const { undo } = this;
      this.undo = null;
      if (undo) this.error = (await this.asking.ask(undo.act)).error;
      this.$refs.title.focus({ preventScroll: true });
    },
    /** Show a message in the chat, which may be on another branch. @param {number} id */
    async go(id, elsewhere = false) {
      if (!roomy.matches) this.shut();
      if (elsewhere) await fetch(`${window.path_prefix || ""}${this.turn}/${id}`, { method: "POST" }).catch(() => {});
      if (location.hash === `#m${id}`) window.dispatchEvent(new HashChangeEvent("hashchange"));
      else location.hash = `m${id}`;
    },
  },
});
