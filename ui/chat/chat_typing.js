// Typing animation: how a reply appears while it is being written.

const IDLE_SPEED = 40; // characters a second when there is little to show

/** Shows arriving text at reading pace: large chunks look typed, and nothing lags for more than a moment. */
export class Typing {
  /**
   * @param {HTMLElement} node
   * @param {string} text
   */
  constructor(node, text) {
    this.shown = document.createTextNode(text);
    this.pending = "";
    this.frame = 0;
    this.deadline = 0;
    this.caughtUp = () => {};
    this.instant = matchMedia("(prefers-reduced-motion: reduce)");
    node.replaceChildren(this.shown);
  }
  get behind() {
    return Boolean(this.pending) && !document.hidden;
  }
  /** @param {string} text */
  add(text) {
    this.pending += text;
    if (document.hidden || this.instant.matches) {
      this.shown.appendData(this.pending);
      this.stop();
    } else if (!this.frame) this.start();
  }
  start() {
    let before = performance.now();
    let credit = 1;
    const step = (/** @type {number} */ now) => {
      credit += ((now - before) / 1000) * this.speed(now);
      before = now;
      const count = this.whole(Math.floor(credit));
      this.shown.appendData(this.pending.slice(0, count));
      this.pending = this.pending.slice(count);
      credit -= count;
      this.frame = this.pending ? requestAnimationFrame(step) : 0;
      if (!this.pending) this.caughtUp();
    };
    this.frame = requestAnimationFrame(step);
  }
  /** @param {number} now */
  speed(now) {
    const usual = IDLE_SPEED + this.pending.length * 3;
    if (!this.deadline) return usual;
    return Math.max(usual, (this.pending.length * 1000) / Math.max(this.deadline - now, 16));
  }
  /** Resolves when all received text is shown, or after `limit` ms at the latest. @param {number} limit */
  catchUp(limit) {
    this.deadline = performance.now() + limit * 0.9;
    return /** @type {Promise<void>} */ (new Promise((resolve) => {
      this.caughtUp = resolve;
      setTimeout(resolve, limit);
    }));
  }
  /** @param {number} count */
  whole(count) {
    const last = this.pending.charCodeAt(count - 1);
    return last >= 0xd800 && last < 0xdc00 ? count + 1 : count; // never half an emoji (surrogate pair)
  }
  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.pending = "";
  }
}
