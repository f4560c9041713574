// Chat log: the messages of one dialog: history by fetch, then append / delta / finish / reload … from the server.

import { Absence } from "chat_absence";
import { Editing } from "chat_editing";
import { Message } from "chat_message";
import { MessageMenu } from "chat_message_menu";
import { News } from "chat_news";
import { Edge, Edges, Pages } from "chat_paging";
import { Printing } from "chat_print";
import { Place } from "scroll_anchor";
import { Speech } from "chat_speech";
import { defineComponent, reactive } from "vue";

const LIT = 2000; // ms a linked message is highlighted
const FURTHER = 3; // from the end on, all places count as one, so that a new message redraws only the last ones

/** Growth of a running reply, in the shape made by ui/chat/chat_log.py. */
/** @typedef {[id: number, first: number, blocks: string[], length: number, kept: [number, number]]} Growth */

export default defineComponent({
  components: { Edge, Message, MessageMenu },
  props: { url: String, labels: Object },
  emits: /** @type {Emits<{ act: { id: number; action: string }; edit: Edit; rewrite: Edit }>} */ (["act", "edit", "rewrite"]),
  template: `
    <section class="chat-log">
      <div ref="scroll" class="chat-scroll" role="log" aria-live="off" tabindex="0" :aria-label="labels.log" :aria-busy="!pages.ready && !pages.failed"
        @scroll.passive="followReader" @wheel.passive="$event.deltaY < 0 && free()"
        @keydown.up.self="free()" @keydown.page-up.self="free()" @keydown.home.self="free()">
        <Edge ref="older" side="older" :more="pages.older" :stuck="pages.stuck === 'older'" :labels="labels" @again="turn('older')" />
        <div ref="column" class="chat-column">
          <p v-if="pages.older" class="chat-cut">{{ labels.cut }}</p>
          <template v-for="(message, index) in pages.messages" :key="message.id">
            <p v-if="beginsDay(message, index)" class="chat-line">{{ message.day }}</p>
            <p v-if="message.memory" class="chat-line memory">{{ labels.memory }}</p>
            <Message :ref="(shown) => news.remember(message.id, shown)" :message="message" :labels="labels" :prefix="prefix"
              :newest="message.id === newestReply?.id" :ending="Math.min(pages.messages.length - index, further)" :lit="message.id === lit" :draft="editing.draft?.id === message.id ? editing.draft : null"
              @act="act(message, $event)" @return="$emit('act', { id: $event, action: 'return' })" @jump="goTo" @edit="startEditing(message)" @more="openMenu(message.id, $event)" @copied="speech.say(labels.copied)"
              @write="editing.write($event)" @save="editing.save()" @cancel="editing.stop()" />
          </template>
          <p v-if="pages.newer" class="chat-cut">{{ labels.cut }}</p>
          <p v-if="pages.failed" class="chat-failed" role="alert">
            <span>{{ labels.failed }}</span>
            <button type="button" class="small-button" @click="toNewest">{{ labels.retry }}</button>
          </p>
        </div>
        <Edge ref="newer" side="newer" :more="pages.newer" :stuck="pages.stuck === 'newer'" :labels="labels" @again="turn('newer')" />
      </div>
      <button v-if="away" type="button" class="chat-down" :aria-label="labels.down" :title="labels.down" @click="toNewest">
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="M12 5v14m-6-6 6 6 6-6"/></svg>
        <span v-if="unseen" class="chat-unseen">{{ unseen }}</span>
      </button>
      <MessageMenu ref="menu" :labels="labels" :messages="pages.messages" />
      <div class="visually-hidden" aria-live="polite">{{ speech.spoken }}</div>
    </section>`,
  setup(props, { emit }) {
    const pages = reactive(new Pages(() => props.url));
    const speech = reactive(new Speech());
    return {
      further: FURTHER,
      pages,
      speech,
      news: new News(pages, speech),
      editing: reactive(new Editing(`edit ${props.url}`, (edit, isReply) => emit(isReply ? "rewrite" : "edit", edit))),
      absence: new Absence(),
      lastTop: 0,
      again: 0,
      dimming: 0,
      place: /** @type {Place} */ (/** @type {unknown} */ (undefined)), // set once the log is mounted
      edges: /** @type {Edges | undefined} */ (undefined),
      resizing: /** @type {ResizeObserver | undefined} */ (undefined),
      leaving: new AbortController(), // removes the listeners
    };
  },
  data() {
    return { prefix: "", away: false, unseen: 0, lit: /** @type {number | null} */ (null) };
  },
  computed: {
    /** The character's last reply, if the end of the dialog is in the page. */
    newestReply() {
      return this.pages.newer ? undefined : this.pages.messages.findLast((message) => message.role === "assistant");
    },
  },
  watch: {
    "editing.draft": {
      deep: true,
      handler(draft) {
        this.editing.keep();
        if (!draft) this.$nextTick(this.followReader); // the box was taller than what replaces it
      },
    },
    "pages.newer": {
      flush: "sync",
      handler(newer) {
        if (newer) this.away = true;
      },
    },
  },
  mounted() {
    this.place = new Place(this.$refs.scroll);
    this.place.begin(this.leaving.signal);
    this.edges = new Edges(this.$refs.scroll, this.turn);
    this.resizing = new ResizeObserver(() => this.resized());
    this.resizing.observe(this.$refs.scroll);
    this.resizing.observe(this.$refs.column);
    this.$nextTick(this.start); // by then the page knows its path_prefix and has its socket
  },
  beforeUnmount() {
    this.editing.end();
    this.pages.end();
    this.edges?.end();
    this.resizing?.disconnect();
    this.leaving.abort();
    this.absence.end();
    for (const timer of [this.again, this.dimming]) clearTimeout(timer);
  },
  methods: {
    /** Other readers stay where they are: an admin in a transcript, the same person in another tab. */
    /** @param {ChatMessage[]} messages @param {Growth | null} growth of one of them @param {boolean} own sent from this page */
    append(messages, growth, own) {
      for (const message of messages) this.take({ kind: "put", message, own });
      if (growth) this.delta(growth);
    },
    /** @param {Growth} growth */
    delta([id, first, blocks, length, kept]) {
      this.take({ kind: "grow", id, first, blocks: this.news.whole(id, blocks, kept), length });
    },
    /** @param {ChatMessage} message */
    finish(message) {
      this.take({ kind: "end", message });
    },
    /** @param {number} id @param {string} text */
    note(id, text) {
      this.take({ kind: "note", id, text });
    },
    /** @param {ChatMessage} message */
    renew(message) {
      this.take({ kind: "mark", message });
    },
    /** @param {string} words */
    say(words) {
      this.speech.say(words);
    },
    /** @param {string} clientId */
    edited(clientId) {
      this.editing.saved(clientId);
    },
    /** @param {string} clientId @param {string} sentence */
    editRefused(clientId, sentence) {
      this.editing.refused(clientId, sentence);
    },
    /** The dialog shows another branch now; `anchor` keeps its place, without one the end is shown. */
    /** @param {number | null} anchor */
    async reload(anchor) {
      const following = !this.away;
      const focused = /** @type {HTMLElement | null} */ (document.activeElement);
      const pressed = focused?.closest(".message")?.id ? focused.dataset.action : "";
      if (!(await this.load(this.url))) return;
      const found = () => this.pages.messages.findIndex((message) => message.id === anchor);
      const elsewhere = anchor && found() < 0 && (this.pages.older || this.pages.newer);
      if (elsewhere && !(await this.load(this.pages.around(anchor), { quiet: true }))) return;
      const at = found();
      if (elsewhere && at >= 0) this.place.toMiddle(`m${anchor}`); // its surroundings are no longer on the screen
      else if (at < 0 || (following && at >= this.pages.messages.length - 2)) this.toEnd();
      else this.place.hold(this.pages.messages.slice(0, at + 1).reverse().map((message) => `m${message.id}`));
      this.settle();
      if (pressed && at >= 0) this.refocus(pressed, this.pages.messages[at]);
    },

    // ---- Fetching ----

    /** Loads another window; the old one stays until then. `quiet`: failures are not shown. */
    /** @param {string} address @returns true, false when it failed, null when a later one took its place */
    async load(address, { joined = false, quiet = false } = {}) {
      const page = await this.pages.fetch(address);
      if (page === undefined) return null;
      if (page) this.place.mark();
      this.pages.open(page, joined, (known, message) => this.news.renewed(known, message));
      if (page) this.editing.settle(this.pages.messages);
      this.pages.failed = !page && !quiet;
      if (this.pages.ready) this.catchUp();
      await this.$nextTick();
      return Boolean(page);
    },
    /** Loads what lies beyond an edge; the messages on the screen do not move. @param {"older" | "newer"} side */
    async turn(side) {
      const page = await this.pages.turn(side);
      if (page === undefined) return;
      if (page) {
        this.place.mark();
        this.pages.add(side, page);
      }
      this.catchUp();
      await this.$nextTick();
      this.place.hold();
      if (page) this.watchEdges();
    },
    watchEdges() {
      this.edges?.look([this.$refs.older.$el, this.$refs.newer.$el]);
    },

    async start() {
      this.prefix = window.path_prefix || "";
      this.listen();
      if (this.linked() && (await this.goTo(this.linked()))) return;
      await this.toNewest();
    },
    listen() {
      const { signal } = this.leaving;
      window.addEventListener("beseda:composer", ({ detail }) => this.command(detail.name), { signal });
      new Printing(this.pages, this.place).begin(signal);
      window.addEventListener("hashchange", () => this.linked() && this.goTo(this.linked()), { signal });
      this.absence.begin((wait) => (wait ? this.loadAgain(wait) : this.refresh()));
    },

    // ---- Updates from the server ----

    /** @param {import("chat_news").Event} event */
    take(event) {
      if (this.pages.ready && this.pages.turning !== "newer") this.apply(event, false);
      else this.news.waiting.push(event);
    },
    catchUp() {
      for (const event of this.news.waiting.splice(0)) this.apply(event, true);
    },
    /** @param {import("chat_news").Event} event @param {boolean} late */
    apply(event, late) {
      const isNew = event.kind === "put" && !this.pages.messages.some((message) => message.id === event.message.id);
      if (isNew) this.add_(event.message, event.own);
      else if (!this.news.fits(event, late)) this.loadAgain();
    },
    /** @param {ChatMessage} message @param {boolean} own */
    add_(message, own) {
      if (this.away && !own) this.unseen++;
      if (this.pages.newer) return own && this.toNewest();
      this.pages.messages.push(message);
      if (!this.away) this.pages.trim("older");
      if (own) this.$nextTick(this.toEnd);
    },
    loadAgain(wait = 0) {
      clearTimeout(this.again);
      this.again = setTimeout(() => this.refresh(), Math.max(wait, this.pages.loaded + 1000 - Date.now()));
    },
    /** Refetches what is in the page, without the reader noticing. */
    async refresh() {
      if (!this.pages.ready) return;
      const middle = this.place.visible[0]?.slice(1);
      const done = await this.load(this.pages.newer && middle ? this.pages.around(middle) : this.url, { joined: true, quiet: true });
      if (done && this.away && !this.place.hold() && middle) await this.load(this.pages.around(middle), { quiet: true });
      if (done) this.resized(); // not left to the next frame: a reader who was at the end still is
      if (done) this.settle();
    },

    // ---- Actions of the person ----

    /** @param {ChatMessage} message @param {string} action */
    act(message, action) {
      if (action === "rephrase") this.rephrase(message);
      else this.$emit("act", { id: message.id, action });
    },
    /** @param {number} id @param {HTMLElement} button */
    openMenu(id, button) {
      const shown = this.news.shown.get(id);
      if (shown) this.$refs.menu.open(shown, button);
    },
    /** Edit the message before a reply. @param {ChatMessage} reply */
    rephrase(reply) {
      this.startEditing(this.pages.messages.slice(0, this.pages.messages.indexOf(reply)).findLast((each) => each.role === "user"));
    },
    /** @param {ChatMessage | undefined} message */
    startEditing(message) {
      if (message && !this.editing.begin(message) && this.editing.draft) this.goTo(this.editing.draft.id);
    },
    /** @param {string} name */
    async command(name) {
      if (this.pages.newer) await this.toNewest();
      const reply = this.newestReply;
      const last = this.pages.messages.at(-1);
      if (name === "edit") return this.startEditing(this.pages.messages.findLast((each) => each.role === "user" && each.may?.includes("edit")));
      if (name === "regenerate" && last?.action === "answer") return this.act(last, "answer");
      if (!reply || !this.pages.ready) return;
      if (name === "continue") return reply.action === name && this.act(reply, name);
      if (name !== "regenerate") this.news.shown.get(reply.id)?.step(name === "next" ? 1 : -1);
      else if (reply.may?.includes(name)) this.act(reply, name);
      else if (reply.action === "retry") this.act(reply, "retry");
    },
    /** The pressed button has gone with its message: the same button of the new message gets the focus. */
    /** @param {string} action @param {ChatMessage} message */
    refocus(action, message) {
      this.speech.announce(message);
      if (document.activeElement !== document.body) return;
      const article = this.place.article(`m${message.id}`);
      if (!article) return;
      const free = (/** @type {string} */ place) => /** @type {HTMLElement | null} */ (article.querySelector(`${place}:not(:disabled)`));
      const next = free(`[data-action=${action}]`) ?? free(".siblings button");
      (next ?? this.$refs.scroll).focus({ preventScroll: true });
    },
    /** @param {ChatMessage} message @param {number} index */
    beginsDay(message, index) {
      const before = this.pages.messages[index - 1];
      return message.day && (before ? before.day !== message.day : !this.pages.older);
    },

    // ---- Scroll position ----

    linked() {
      return Number(/^#m(\d+)(?:&|$)/.exec(location.hash)?.[1]);
    },
    /** Shows a message wherever it is in the dialog, and highlights it for a moment; false if it is not there. */
    /** @param {number} id */
    async goTo(id) {
      const here = () => this.pages.messages.some((message) => message.id === id);
      if (!here() && !(await this.load(this.pages.around(id), { quiet: true }))) return false;
      if (!here()) return false;
      this.place.toMiddle(`m${id}`);
      this.settle();
      this.lit = id;
      clearTimeout(this.dimming);
      this.dimming = setTimeout(() => (this.lit = null), LIT);
      return true;
    },
    async toNewest() {
      if (this.linked()) history.replaceState(history.state, "", location.pathname + location.search);
      if ((this.pages.newer || !this.pages.ready) && !(await this.load(this.url))) return;
      this.toEnd();
      this.settle();
    },
    /** After a jump: check whether the end is in view, and whether more has to be loaded. */
    settle() {
      this.away = Boolean(this.pages.newer) || this.place.below > 1;
      if (!this.away) this.unseen = 0;
      this.lastTop = this.$refs.scroll.scrollTop;
      this.watchEdges();
    },
    followReader() {
      const { scrollTop } = this.$refs.scroll;
      const below = this.place.below;
      if (!this.pages.newer && (below <= 1 || (scrollTop > this.lastTop && below <= 24))) this.back();
      else if (scrollTop < this.lastTop) this.away = true;
      this.lastTop = scrollTop;
      this.place.mark();
    },
    resized() {
      const isHeld = this.place.isHeld;
      if (!this.away && !this.editing.draft && !isHeld) return this.toEnd();
      this.place.hold();
      if (isHeld && this.place.below > 1) this.away = true;
    },
    free() {
      if (this.$refs.scroll.scrollTop > 0) this.away = true;
    },
    back() {
      this.away = false;
      this.unseen = 0;
    },
    toEnd() {
      if (!this.$refs.scroll || this.pages.newer) return;
      this.back();
      this.place.toEnd();
    },
  },
});
