// @ts-nocheck: what it shares `this` with is not known here; to become a composable
// The part of a long talk that is in the page: fetched as a window of some fifty messages, growing at either edge as the
// reader comes near it, and never more than MOST.

import { defineComponent } from "vue";

const MOST = 150;
const NEAR = "600px 0px";

/** Where the part in the page ends: dots while more comes, a button when it did not. */
export const Edge = defineComponent({
  props: { side: String, more: String, stuck: Boolean, labels: Object },
  emits: ["again"],
  template: `
    <div :data-side="side" :class="['chat-edge', side, { some: more }]">
      <button v-if="stuck" type="button" class="small-button" @click="$emit('again')">{{ labels.retry }}</button>
      <div v-else-if="more" class="dots" aria-hidden="true"><i></i><i></i><i></i></div>
    </div>`,
});

export const Paging = defineComponent({
  data() {
    // older, newer: where the messages before and after these are, or null; turning, stuck: "older", "newer" or ""
    return {
      messages: /** @type {ChatMessage[]} */ ([]),
      older: /** @type {string | null} */ (null),
      newer: /** @type {string | null} */ (null),
      ready: false, failed: false, turning: "", stuck: "" };
  },
  created() {
    this.loads = 0;
  },
  mounted() {
    this.edges = new IntersectionObserver((seen) => seen.forEach((edge) => edge.isIntersecting && this.turn(edge.target.dataset.side)), {
      root: this.$refs.scroll,
      rootMargin: NEAR,
    });
  },
  beforeUnmount() {
    this.edges.disconnect();
    this.loads++;
  },
  methods: {
    async ask(address) {
      try {
        const answer = await fetch((window.path_prefix || "") + address, { headers: { Accept: "application/json" } });
        if (answer.ok) return await answer.json();
      } catch {
        // no network, or no JSON: the log says so
      }
      return null;
    },
    around(id) {
      return `${this.url}?around=${id}`;
    },

    /**
     * Fetches another window; what was there stays on the screen until then. `joined`: messages before it are kept if
     * it begins among them (the way back from a message is always the same). `quiet`: a failure is not worth a word.
     * Answers true, false when it failed, null when a later one took its place.
     */
    async load(address, { joined = false, quiet = false } = {}) {
      const mine = ++this.loads;
      this.ready = this.failed = false;
      const answer = await this.ask(address);
      if (mine !== this.loads) return null;
      this.loaded = Date.now();
      if (answer) this.open(answer, joined);
      this.failed = !answer && !quiet;
      this.ready = Boolean(answer) || this.messages.length > 0;
      if (this.ready) this.catchUp();
      await this.$nextTick();
      return Boolean(answer);
    },
    open({ messages, older, newer }, joined) {
      this.place.mark();
      const known = new Map(this.messages.map((message) => [message.id, message]));
      const start = joined ? this.messages.findIndex((message) => message.id === messages[0]?.id) : -1;
      const before = start > 0 ? this.messages.slice(0, start).slice(messages.length - MOST) : [];
      this.older = before.length === 0 ? older : before.length < start ? this.beyond("before", before[0]) : this.older;
      this.newer = newer;
      this.messages = [...before, ...messages.map((message) => this.renewed(known.get(message.id), message))];
      this.editing.settle(this.messages);
    },

    /** Fetches what lies beyond an edge; the messages on the screen stay where they are. */
    async turn(side) {
      if (!this.ready || !this[side] || this.turning) return;
      const during = this.loads;
      this.turning = side;
      this.stuck = "";
      const answer = await this.ask(this[side]);
      this.turning = "";
      if (during !== this.loads) return; // another window is there, or on its way
      if (answer) this.add(side, answer);
      else this.stuck = side;
      this.catchUp();
      await this.$nextTick();
      this.place.hold();
      if (answer) this.watchEdges();
    },
    add(side, answer) {
      const here = new Set(this.messages.map((message) => message.id));
      const news = answer.messages.filter((message) => !here.has(message.id));
      this.place.mark();
      this[side] = answer[side];
      if (side === "newer") this.messages.push(...news);
      else this.messages.unshift(...news);
      this.trim(side === "newer" ? "older" : "newer");
    },
    trim(side) {
      const surplus = this.messages.length - MOST;
      if (surplus <= 0) return;
      this.messages.splice(side === "older" ? 0 : MOST, surplus);
      if (side === "older") this.older = this.beyond("before", this.messages[0]);
      else this.newer = this.beyond("after", this.messages.at(-1));
    },
    beyond(word, message) {
      return `${this.url}?${word}=${message.id}`;
    },
    /** Looks anew whether an edge is near: an observer only tells of changes. */
    watchEdges() {
      for (const { $el: edge } of [this.$refs.older, this.$refs.newer]) {
        this.edges.unobserve(edge);
        this.edges.observe(edge);
      }
    },
  },
});
