// The messages of one dialog: history by fetch, then append / delta / finish / takeAway called from the server.
// Text people or models wrote goes in as text; only `html`, made by ui/markdown.py, goes in as HTML.

/** Shows arriving text at reading pace: coarse pieces look typed, and nothing lags behind for more than a moment. */
class Typing {
  constructor(node, text) {
    this.shown = document.createTextNode(text);
    this.pending = "";
    this.frame = 0;
    this.instant = matchMedia("(prefers-reduced-motion: reduce)");
    node.replaceChildren(this.shown);
  }
  add(text) {
    this.pending += text;
    if (document.hidden || this.instant.matches) this.stop(this.shown.appendData(this.pending));
    else if (!this.frame) this.start();
  }
  start() {
    let before = performance.now();
    let credit = 1;
    const step = (now) => {
      credit += ((now - before) / 1000) * (40 + this.pending.length * 3);
      before = now;
      const count = this.whole(Math.floor(credit));
      this.shown.appendData(this.pending.slice(0, count));
      this.pending = this.pending.slice(count);
      credit -= count;
      this.frame = this.pending ? requestAnimationFrame(step) : 0;
    };
    this.frame = requestAnimationFrame(step);
  }
  whole(count) {
    const last = this.pending.charCodeAt(count - 1);
    return last >= 0xd800 && last < 0xdc00 ? count + 1 : count; // never half of an emoji
  }
  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.pending = "";
  }
}

const Message = {
  props: { message: Object, labels: Object, prefix: String },
  emits: ["act"],
  template: `
    <article :class="['message', message.role, message.state]">
      <img v-if="message.role === 'assistant'" class="message-avatar" :src="prefix + message.avatar" alt="" width="40" height="40">
      <div class="message-body">
        <div class="message-head">
          <span :class="message.role === 'user' ? 'visually-hidden' : 'message-name'">{{ message.name }}</span>
          <time :datetime="message.moment" :title="moment">{{ message.time }}</time>
        </div>
        <div v-if="running || message.html" class="bubble">
          <div v-if="running && !message.length" class="dots" role="img" :aria-label="labels.typing"><i></i><i></i><i></i></div>
          <div v-if="running" v-show="message.length" class="bubble-running"><span ref="text"></span><span class="caret"></span></div>
          <div v-else class="rich" v-html="message.html"></div>
        </div>
        <div v-if="message.note || message.action" class="message-foot">
          <span v-if="message.note">{{ message.note }}</span>
          <button v-if="message.action" type="button" class="small-button"
            @click="$emit('act', { id: message.id, action: message.action })">{{ message.action_label }}</button>
        </div>
      </div>
    </article>`,
  computed: {
    running() {
      return this.message.state === "running";
    },
    moment() {
      const date = new Date(this.message.moment);
      return isNaN(date) ? this.message.time : date.toLocaleString(document.documentElement.lang || undefined);
    },
  },
  watch: {
    message: { handler: "restart", flush: "post" },
  },
  mounted() {
    this.restart();
  },
  beforeUnmount() {
    this.typing?.stop();
  },
  methods: {
    restart() {
      this.typing?.stop();
      this.typing = this.running ? new Typing(this.$refs.text, this.message.text || "") : null;
    },
    type(text) {
      this.typing?.add(text);
    },
  },
};

export default {
  components: { Message },
  props: { url: String, labels: Object },
  emits: ["act"],
  template: `
    <section class="chat-log">
      <div ref="scroll" class="chat-scroll" role="log" aria-live="off" tabindex="0" :aria-label="labels.log" :aria-busy="!ready && !failed"
        @scroll.passive="followReader" @wheel.passive="$event.deltaY < 0 && free()"
        @keydown.up="free()" @keydown.page-up="free()" @keydown.home="free()">
        <div ref="column" class="chat-column">
          <Message v-for="message in messages" :key="message.id" :ref="(shown) => remember(message.id, shown)"
            :message="message" :labels="labels" :prefix="prefix" @act="$emit('act', $event)" />
          <p v-if="failed" class="chat-failed" role="alert">
            <span>{{ labels.failed }}</span>
            <button type="button" class="small-button" @click="load">{{ labels.retry }}</button>
          </p>
        </div>
      </div>
      <button v-if="away" type="button" class="chat-down" :aria-label="labels.down" :title="labels.down" @click="toEnd">
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true"><path d="M12 5v14m-6-6 6 6 6-6"/></svg>
        <span v-if="unseen" class="chat-unseen">{{ unseen }}</span>
      </button>
      <div class="visually-hidden" aria-live="polite">{{ spoken }}</div>
    </section>`,
  data() {
    return { messages: [], ready: false, failed: false, away: false, unseen: 0, spoken: "" };
  },
  created() {
    this.shown = new Map(); // message id -> its component
    this.waiting = []; // what came before the history did
    this.prefix = "";
    this.loads = 0;
    this.lastTop = 0;
  },
  mounted() {
    this.resizing = new ResizeObserver(() => this.away || this.toEnd());
    this.resizing.observe(this.$refs.scroll);
    this.resizing.observe(this.$refs.column);
    this.$nextTick(this.load); // the page knows its path_prefix then
  },
  beforeUnmount() {
    this.resizing.disconnect();
    clearTimeout(this.reload);
    this.loads++;
  },
  methods: {
    append(message) {
      this.take({ kind: "put", message });
    },
    delta(id, at, length, text) {
      this.take({ kind: "grow", id, at, length, text });
    },
    finish(message) {
      this.take({ kind: "put", message });
    },
    takeAway(id) {
      this.take({ kind: "drop", id });
    },

    async load() {
      const mine = ++this.loads;
      this.ready = this.failed = false;
      this.prefix = window.path_prefix || "";
      let messages = null;
      try {
        const answer = await fetch(this.prefix + this.url, { headers: { Accept: "application/json" } });
        if (answer.ok) messages = (await answer.json()).messages;
      } catch {} // no network, or no JSON: the log says so
      if (mine !== this.loads) return;
      this.loaded = Date.now();
      this.failed = !messages;
      if (!messages) return; // what comes meanwhile keeps waiting
      this.messages = messages;
      this.ready = true;
      for (const event of this.waiting.splice(0)) this.apply(event, true);
      this.$nextTick(() => this.away || this.toEnd());
    },
    loadAgain() {
      clearTimeout(this.reload);
      this.reload = setTimeout(() => this.load(), Math.max(0, this.loaded + 1000 - Date.now()));
    },

    take(event) {
      if (this.ready) this.apply(event, false);
      else this.waiting.push(event);
    },
    apply(event, late) {
      const place = this.messages.findIndex((message) => message.id === (event.message?.id ?? event.id));
      if (event.kind === "put") this.put(event.message, place, late);
      else if (event.kind === "grow") this.grow(event, this.messages[place]);
      else if (place >= 0) this.messages.splice(place, 1);
    },
    put(message, place, late) {
      if (place < 0) {
        this.messages.push(message);
        if (message.role === "user") this.$nextTick(this.toEnd);
        else if (this.away) this.unseen++;
        return;
      }
      const known = this.messages[place];
      const older = message.state === "running" && (known.state !== "running" || known.length > message.length);
      if (late && older) return; // the history already knew better
      this.messages[place] = message;
      if (known.state === "running" && message.state !== "running" && message.role === "assistant") this.announce(message);
    },
    grow({ at, length, text }, message) {
      if (message && message.state !== "running") return; // it has ended meanwhile
      if (!message || at > message.length) return this.loadAgain();
      if (at + length <= message.length) return;
      const news = [...text].slice(message.length - at).join("");
      message.length = at + length;
      message.text = (message.text || "") + news;
      this.shown.get(message.id)?.type(news);
    },
    announce(message) {
      const spaced = message.html.replace(/<br>|<\/(p|li|pre)>/g, "\n$&");
      const text = new DOMParser().parseFromString(spaced, "text/html").body.textContent;
      this.spoken = [message.name, text, message.note].filter(Boolean).join("\n");
    },
    remember(id, shown) {
      if (shown) this.shown.set(id, shown);
      else this.shown.delete(id);
    },

    followReader() {
      const { scrollTop, scrollHeight, clientHeight } = this.$refs.scroll;
      const below = scrollHeight - clientHeight - scrollTop;
      if (below <= 1 || (scrollTop > this.lastTop && below <= 24)) this.back();
      else if (scrollTop < this.lastTop) this.away = true;
      this.lastTop = scrollTop;
    },
    free() {
      if (this.$refs.scroll.scrollTop > 0) this.away = true;
    },
    back() {
      this.away = false;
      this.unseen = 0;
    },
    toEnd() {
      this.back();
      const scroll = this.$refs.scroll;
      if (scroll) scroll.scrollTop = scroll.scrollHeight;
    },
  },
};
