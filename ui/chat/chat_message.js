// Message bubble: one message: who, when, the text, its actions.
// What people or models wrote goes in as text (no XSS); only `html` and `blocks`, made by ui/chat/markdown/to_html.py, as HTML.

import { Editor } from "chat_editing";
import { outside } from "chat_message_menu";
import { Typing } from "chat_typing";
import { voice } from "chat_voice";
import { copy } from "clipboard";
import { settle } from "typed_text";
import { defineComponent } from "vue";

const CATCH_UP = 600; // ms the end of a reply waits for the typing animation
const LATE = 5000; // ms without text after which the reader is told that it is still coming
const COPIED = 1500; // ms the tick replaces the copy icon
const SWIPE = 56; // pixels
const EDGE = 24; // pixels at the sides that belong to the browser and the drawer

const ICONS = /** @type {Record<string, string>} */ ({
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  edit: "M4 20l1-4L16 5l3 3L8 19zM13.5 7.5l3 3",
  regenerate: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4.5v5h-5",
  "thumb-up": "M7 11v9H4v-9zM7 11l4-7c1.5 0 2.4 1.2 2 2.6L12.3 10H19a1.5 1.5 0 0 1 1.5 1.8l-1.3 6.7A1.9 1.9 0 0 1 17.3 20H7",
  "thumb-down": "M7 13V4H4v9zM7 13l4 7c1.5 0 2.4-1.2 2-2.6L12.3 14H19a1.5 1.5 0 0 0 1.5-1.8l-1.3-6.7A1.9 1.9 0 0 0 17.3 4H7",
  hide: "M4 4l16 16M10 5.3A10 10 0 0 1 21 12a13 13 0 0 1-2.5 3.2M6.5 7A13 13 0 0 0 3 12a10 10 0 0 0 13 5.5M10 10a3 3 0 0 0 4 4",
  pin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6",
  unpin: "M9 4h6l-1 6 3 3v2H7v-2l3-3zM12 15v6M4 4l16 16",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  continue: "M4 6h14M4 11h9M4 16h5M13 16h7m-3-3 3 3-3 3",
  branch: "M7 4v12M7 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4M17 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4M17 8c0 5-10 3-10 8",
  report: "M6 21V4h11l-2 4 2 4H6",
  speak: "M5 9.5v5h3.5L13 19V5L8.5 9.5zM16 9a4.5 4.5 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11",
  quiet: "M7 7h10v10H7z",
  more: "M5 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4M12 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4M19 11.3a.7.7 0 1 0 0 1.4.7.7 0 0 0 0-1.4",
  done: "M5 12.5l4.5 4.5L19 7.5",
  previous: "M14.5 6l-6 6 6 6",
  next: "M9.5 6l6 6-6 6",
});

export const Message = defineComponent({
  components: { Editor },
  props: { message: /** @type {PropType<ChatMessage>} */ (Object), labels: Object, prefix: String, newest: Boolean, ending: Number, lit: Boolean, draft: /** @type {PropType<Draft>} */ (Object) },
  emits: ["act", "return", "jump", "edit", "write", "save", "cancel", "more", "copied"],
  template: `
    <article :id="'m' + message.id" :class="['message', shown.role, shown.state, { newest, lit, editing: draft, unread: shown.hidden }]"
      :aria-label="shown.name + ', ' + shown.time">
      <img v-if="shown.role === 'assistant'" class="message-avatar" :src="prefix + shown.avatar" alt="" width="40" height="40">
      <div class="message-body" :style="drag && { transform: 'translateX(' + drag + 'px)' }"
        @touchstart.passive="press" @touchmove.passive="pull" @touchend.passive="release" @touchcancel.passive="drag = 0">
        <div v-show="!draft" class="message-head">
          <span :class="shown.role === 'user' ? 'visually-hidden' : 'message-name'" dir="auto">{{ shown.name }}</span>
          <time :datetime="shown.moment" @pointerenter="tellMoment">{{ shown.time }}</time>
        </div>
        <Editor v-if="draft" :draft="draft" :labels="labels"
          @write="$emit('write', $event)" @save="$emit('save')" @cancel="$emit('cancel')" />
        <div v-else-if="running || shown.html" class="bubble">
          <div v-if="running && !begun" class="waiting">
            <div class="dots" role="img" :aria-label="labels.typing"><i></i><i></i><i></i></div>
            <span v-if="shown.note || late">{{ shown.note || labels.late }}</span>
          </div>
          <div v-show="begun || !running" ref="text" :class="['rich', { 'bubble-running': running }]" dir="auto" :translate="running ? 'no' : null"></div>
        </div>
        <details v-if="shown.thoughts && !running" class="message-details message-thoughts">
          <summary>{{ labels.thoughts }}</summary>
          <p dir="auto">{{ shown.thoughts }}</p>
        </details>
        <div v-if="note || action" class="message-foot">
          <span v-if="note">{{ note }}</span>
          <details v-if="note && shown.reference" class="message-details">
            <summary>{{ labels.details }}</summary>
            <span>{{ shown.reference }}</span>
          </details>
          <button v-if="action" type="button" class="small-button"
            @click="$emit('act', action)">{{ shown.action_label }}</button>
        </div>
        <div v-if="shown.hidden" class="message-foot">
          <span>{{ labels.hidden }}</span>
          <button v-if="shown.may?.includes('show')" type="button" class="small-button" @click="show">{{ labels.show }}</button>
        </div>
        <div v-if="ending <= 2 && shown.goes_on_at && !running" class="message-foot">
          <span>{{ labels.goes_on }}</span>
          <button type="button" class="small-button" @click="$emit('return', shown.goes_on_at)">{{ labels.return }}</button>
        </div>
        <p v-if="shown.recalled.length && !running && !draft" class="message-foot message-recalled">
          {{ shown.recalled_words }}
          <template v-for="each in shown.recalled.slice(0, allRecalled ? undefined : 1)" :key="each.message"><a :href="'#m' + each.message"
            :aria-label="shown.recalled_words + ' ' + each.date" @click.prevent="$emit('jump', each.message)">{{ each.date }} →</a>{{ " " }}</template>
          <button v-if="shown.recalled.length > 1 && !allRecalled" type="button" class="message-recalled-more" @click="allRecalled = true">{{ shown.recalled_more }}</button>
        </p>
        <template v-if="shown.lore_words && !running && !draft">
          <details v-if="shown.lore.length" class="message-details message-lore">
            <summary dir="auto">{{ shown.lore_words }}</summary>
            <ul>
              <li v-for="each in shown.lore" dir="auto"><b>{{ each.name }}</b> <span v-if="each.why">{{ each.why }}</span><p v-if="each.text">{{ each.text }}</p></li>
            </ul>
          </details>
          <p v-else class="message-foot message-lore" dir="auto">{{ shown.lore_words }}</p>
        </template>
        <div v-if="of > 1 || actions.length || running" v-show="!draft" :class="['message-row', { alone: of === 1 }]">
          <div v-if="of > 1" class="siblings">
            <button type="button" class="icon-button" data-action="previous" :aria-label="labels.previous" :title="labels.previous"
              :disabled="running || at === 1" @click="step(-1)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.previous"/></svg></button>
            <span>{{ at }}/{{ of }}</span>
            <button type="button" class="icon-button" data-action="next" :aria-label="onward" :title="onward"
              :disabled="running || !forward" @click="step(1)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.next"/></svg></button>
          </div>
          <div class="message-actions">
            <button v-for="action in beside" :key="action" type="button" class="icon-button" :data-action="action" :aria-pressed="pressed(action)"
              :aria-label="labels[sign(action)] ?? labels[action]" :title="labels[sign(action)] ?? labels[action]" @click="choose(action)">
              <svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons[sign(action)]"/></svg>
            </button>
            <button v-if="behind.length" ref="more" type="button" class="icon-button" data-action="more" aria-haspopup="menu" aria-expanded="false"
              :aria-label="labels.more" :title="labels.more" @click="$emit('more', $event.currentTarget)"><svg viewBox="0 0 24 24" aria-hidden="true"><path :d="icons.more"/></svg></button>
          </div>
        </div>
      </div>
    </article>`,
  setup: () => ({
    icons: ICONS,
    typing: /** @type {Typing | null} */ (null),
    settled: "", // the HTML of the finished text in the page
    from: /** @type {{ x: number; y: number } | null} */ (null), // where a swipe started
    swiped: 0,
    calm: 0,
    waiting: 0,
  }),
  data() {
    return { held: /** @type {ChatMessage | null} */ (null), copied: false, late: false, drag: 0, allRecalled: false };
  },
  computed: {
    shown() {
      return this.held ?? this.message; // the end of a reply is held back until its text has been shown
    },
    running() {
      return this.shown.state === "running";
    },
    begun() {
      return this.shown.blocks.some(Boolean);
    },
    action() {
      return this.ending === 1 ? this.shown.action : ""; // pointless once more has been said
    },
    note() {
      return this.running && !this.begun ? "" : this.shown.note;
    },
    at() {
      return this.shown.siblings?.[0] ?? 1;
    },
    of() {
      return this.shown.siblings?.[1] ?? 1;
    },
    actions() {
      const may = this.running ? [] : [...(this.shown.may ?? [])];
      if (voice.isThere && may.includes("copy") && this.shown.role === "assistant") may.splice(1, 0, "speak");
      return may;
    },
    beside() {
      return outside(this.actions, this.shown.role, this.of > 1);
    },
    /** The actions behind «⋯», without "show": a hidden message has a button for it below. */
    behind() {
      return this.actions.filter((action) => action !== "show" && !this.beside.includes(action));
    },
    forward() {
      if (this.at < this.of) return "next";
      return this.newest && this.actions.includes("regenerate") ? "regenerate" : "";
    },
    onward() {
      return this.labels[this.forward || "next"];
    },
  },
  watch: {
    message(now, before) {
      this.held = null;
      if (before.state !== "running" || now.state === "running" || !this.typing?.behind) return;
      this.held = before;
      this.typing.catchUp(CATCH_UP).then(() => this.message === now && (this.held = null));
    },
    shown: {
      flush: "post",
      handler() {
        this.restart();
      },
    },
    draft: {
      flush: "post",
      handler(now) {
        if (!now) this.restart(); // the bubble is back in the place of the box
      },
    },
  },
  mounted() {
    this.restart();
  },
  beforeUnmount() {
    this.typing?.stop();
    for (const timer of [this.calm, this.waiting]) clearTimeout(timer);
  },
  methods: {
    restart() {
      this.typing?.stop();
      clearTimeout(this.waiting);
      this.late = false;
      if (this.running && !this.begun) this.waiting = setTimeout(() => (this.late = true), LATE);
      this.typing = this.running ? new Typing(this.$refs.text, this.shown.blocks) : null;
      if (this.running) this.settled = "";
      else if (this.$refs.text) this.settle();
    },
    /** HTML shown already is left alone: the browser may have translated it since. */
    settle() {
      const { text } = this.$refs;
      if (this.settled === this.shown.html && text.firstChild) return;
      this.settled = this.shown.html;
      settle(text, this.shown.html);
    },
    /** @param {number} first @param {string[]} blocks */
    type(first, blocks) {
      this.typing?.show(first, blocks);
    },

    /** Full date and time, formatted only under the pointer: the first takes as long as drawing ten messages. */
    /** @param {On<PointerEvent>} event */
    tellMoment({ target }) {
      const date = new Date(this.shown.moment);
      target.title = isNaN(date.getTime()) ? this.shown.time : date.toLocaleString(document.documentElement.lang || undefined);
    },
    /** @param {string} action */
    choose(action) {
      if (action === "copy") this.copy();
      else if (action === "speak") voice.toggle(this.shown.id, this.$refs.text.innerText);
      else if (action === "edit") this.$emit("edit");
      else if (action === this.shown.feedback) this.$emit("act", "unrate");
      else this.$emit("act", action);
    },
    /** The button disappears, so the focus goes to «⋯». */
    show() {
      this.$emit("act", "show");
      this.$refs.more?.focus({ preventScroll: true });
    },
    /** For a thumb, whether it is given; null for other buttons. @param {string} action */
    pressed(action) {
      return action.startsWith("thumb-") ? action === this.shown.feedback : null;
    },
    /** Name of the icon that the button of an action shows now. @param {string} action */
    sign(action) {
      if (action === "copy" && this.copied) return "done";
      return action === "speak" && voice.reading === this.shown.id ? "quiet" : action;
    },
    /** Go to another sibling, like the arrows beside the counter; without siblings nothing happens. */
    /** @param {number} by */
    step(by) {
      if (this.of === 1 || this.running) return;
      if (by > 0 && this.forward) this.$emit("act", this.forward);
      if (by < 0 && this.at > 1) this.$emit("act", "previous");
    },
    async copy() {
      const text = this.$refs.text;
      if (!(await copy(this.shown.source))) return getSelection()?.selectAllChildren(text);
      this.copied = true;
      clearTimeout(this.calm);
      this.calm = setTimeout(() => (this.copied = false), COPIED);
      this.$emit("copied");
    },

    /** @param {On<TouchEvent>} event */
    press({ touches, target }) {
      const { clientX, clientY } = touches[0];
      const inside = clientX > EDGE && clientX < innerWidth - EDGE;
      const free = this.newest && this.of > 1 && touches.length === 1 && inside && !target.closest("textarea, pre");
      this.from = free ? { x: clientX, y: clientY } : null;
    },
    /** @param {TouchEvent} event */
    pull({ touches }) {
      if (!this.from) return;
      const [x, y] = [touches[0].clientX - this.from.x, touches[0].clientY - this.from.y];
      const sideways = Math.abs(x) > 2 * Math.abs(y);
      if (touches.length > 1 || !getSelection()?.isCollapsed || (!sideways && Math.abs(y) > 10)) this.from = null;
      this.swiped = x;
      this.drag = this.from && sideways ? Math.max(-SWIPE, Math.min(SWIPE, x)) / 2 : 0;
    },
    release() {
      if (this.from && this.drag && Math.abs(this.swiped) >= SWIPE) this.step(this.swiped < 0 ? 1 : -1);
      this.from = null;
      this.drag = 0;
    },
  },
});
