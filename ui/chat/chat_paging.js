// Pagination (infinite scroll both ways): the part of a long dialog that is in the page: fetched as a window of some
// fifty messages, growing at either edge as the reader nears it, and never more than MOST.

import { defineComponent } from "vue";

const MOST = 150;
const NEAR = "600px 0px";

/** The edge of the part in the page: dots while more is loading, a button when that failed. */
export const Edge = defineComponent({
  props: { side: String, more: String, stuck: Boolean, labels: Object },
  emits: ["again"],
  template: `
    <div :data-side="side" :class="['chat-edge', side, { some: more }]">
      <button v-if="stuck" type="button" class="small-button" @click="$emit('again')">{{ labels.retry }}</button>
      <div v-else-if="more" class="dots" aria-hidden="true"><i></i><i></i><i></i></div>
    </div>`,
});

/** @typedef {"older" | "newer"} Side */

/** @typedef {{ messages: ChatMessage[]; older: string | null; newer: string | null }} Page */

export class Pages {
  /** @param {() => string} url where the dialog is fetched from */
  constructor(url) {
    this.url = url;
    this.messages = /** @type {ChatMessage[]} */ ([]);
    this.older = /** @type {string | null} */ (null); // address of the messages before these
    this.newer = /** @type {string | null} */ (null); // address of those after
    this.ready = false;
    this.failed = false;
    this.turning = /** @type {Side | ""} */ (""); // the side being loaded
    this.stuck = /** @type {Side | ""} */ (""); // the side that failed
    this.loads = 0;
    this.loaded = 0; // time of the last load (ms)
  }
  /** The address of the part around a message. @param {number | string} id */
  around(id) {
    return `${this.url()}?around=${id}`;
  }

  /** Fetches another window; null when that failed, undefined when a later one replaced it. @param {string} address */
  async fetch(address) {
    const mine = ++this.loads;
    this.ready = this.failed = false;
    const page = await ask(address);
    if (mine !== this.loads) return undefined;
    this.loaded = Date.now();
    return page;
  }
  /**
   * What to show: the fetched window, or still the old one. `joined`: messages before it are kept if it begins among
   * them (the path back from a message is always the same). `renewed` makes the message to show from the known and the
   * fetched one.
   * @param {Page | null} page
   * @param {boolean} joined
   * @param {(known: ChatMessage | undefined, message: ChatMessage) => ChatMessage} renewed
   */
  open(page, joined, renewed) {
    if (page) {
      const { messages, older, newer } = page;
      const known = new Map(this.messages.map((message) => [message.id, message]));
      const start = joined ? this.messages.findIndex((message) => message.id === messages[0]?.id) : -1;
      const before = start > 0 ? this.messages.slice(0, start).slice(messages.length - MOST) : [];
      this.older = before.length === 0 ? older : before.length < start ? this.beyond("before", before[0]) : this.older;
      this.newer = newer;
      this.messages = [...before, ...messages.map((message) => renewed(known.get(message.id), message))];
    }
    this.ready = Boolean(page) || this.messages.length > 0;
  }

  /** Fetches what lies beyond an edge; null when that failed, undefined when there is nothing to apply. */
  /** @param {Side} side */
  async turn(side) {
    const address = this[side];
    if (!this.ready || !address || this.turning) return undefined;
    const during = this.loads;
    this.turning = side;
    this.stuck = "";
    const page = await ask(address);
    this.turning = "";
    if (during !== this.loads) return undefined; // another window has been loaded, or is being loaded
    if (!page) this.stuck = side;
    return page;
  }
  /** @param {Side} side @param {Page} page */
  add(side, page, most = MOST) {
    const here = new Set(this.messages.map((message) => message.id));
    const news = page.messages.filter((message) => !here.has(message.id));
    this[side] = page[side];
    if (side === "newer") this.messages.push(...news);
    else this.messages.unshift(...news);
    this.trim(side === "newer" ? "older" : "newer", most);
  }
  /** @param {Side} side */
  trim(side, most = MOST) {
    const surplus = this.messages.length - most;
    if (surplus <= 0) return;
    this.messages.splice(side === "older" ? 0 : most, surplus);
    if (side === "older") this.older = this.beyond("before", this.messages[0]);
    else this.newer = this.beyond("after", this.messages[most - 1]);
  }
  /** @param {"before" | "after"} word @param {ChatMessage} message */
  beyond(word, message) {
    return `${this.url()}?${word}=${message.id}`;
  }
  /** Stops waiting for messages beyond an edge. */
  interrupt() {
    if (this.turning) this.loads++;
  }
  end() {
    this.loads++; // a pending answer is no longer wanted
  }
}

/** @param {string} address @returns {Promise<Page | null>} */
async function ask(address) {
  try {
    const early = window.historyAsked; // fetched early by the page's head
    window.historyAsked = null;
    const page = early?.url === address && (await early.page);
    if (page) return page;
    const answer = await fetch((window.path_prefix || "") + address, { headers: { Accept: "application/json" } });
    if (answer.status === 200) return await answer.json(); // 204: the dialog has been deleted meanwhile
  } catch {
    // no network, or no JSON: the chat log says so
  }
  return null;
}

/** Reports when an edge of the part in the page comes near. */
export class Edges {
  /** @param {HTMLElement} scroll @param {(side: Side) => void} turn */
  constructor(scroll, turn) {
    this.seeing = new IntersectionObserver(
      (seen) => {
        for (const { isIntersecting, target } of seen) {
          if (isIntersecting) turn(/** @type {Side} */ (/** @type {HTMLElement} */ (target).dataset.side));
        }
      },
      { root: scroll, rootMargin: NEAR },
    );
  }
  /** Checks again whether one is near: an observer reports only changes. @param {HTMLElement[]} edges */
  look(edges) {
    for (const edge of edges) {
      this.seeing.unobserve(edge);
      this.seeing.observe(edge);
    }
  }
  end() {
    this.seeing.disconnect();
  }
}
