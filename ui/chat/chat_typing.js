// Typing animation: how a reply appears while it is being written.
// It arrives as HTML made by ui/chat/markdown/to_html.py, block by block; the page has only as much of the last ones as
// has been typed.

import { endOf, fill, lengthForCertain } from "typed_text";

const IDLE_SPEED = 40; // characters a second when there is little to show
const FIRST = 120; // characters of the first piece that are shown at once; more would jump onto the page

/** @typedef {{ body: DocumentFragment; length: number; open: boolean }} Block `length`: how much of it may be typed by now */

/** Shows arriving text at reading pace: large chunks look typed, and nothing lags for more than a moment. The first */
/** piece is shown at once. */
export class Typing {
  /**
   * @param {HTMLElement} node
   * @param {string[]} blocks shown at once
   */
  constructor(node, blocks) {
    this.node = node;
    this.blocks = /** @type {Block[]} */ ([]);
    this.at = 0; // the block being typed
    this.count = 0; // how many of its characters are shown
    this.before = 0; // child nodes of the blocks before it
    this.caret = document.createElement("span");
    this.caret.className = "caret";
    this.frame = 0;
    this.deadline = 0;
    this.caughtUp = () => {};
    this.instant = matchMedia("(prefers-reduced-motion: reduce)");
    node.replaceChildren();
    this.take(0, blocks);
    if (blocks.length) this.type(Infinity); // without a block, `count` would stay infinite
  }
  get pending() {
    const { length = 0 } = this.blocks[this.at] ?? {};
    return this.blocks.slice(this.at + 1).reduce((sum, block) => sum + block.length, Math.max(0, length - this.count));
  }
  get behind() {
    return this.pending > 0 && !document.hidden;
  }
  /** Shows blocks from number `first` on, the last of which is open. @param {number} first @param {string[]} blocks */
  show(first, blocks) {
    const begins = !this.at && !this.count;
    this.take(first, blocks);
    if (begins) this.type(FIRST); // readers of an empty box need not wait for the animation
    if (document.hidden || this.instant.matches) {
      this.type(Infinity);
      this.stop();
    } else if (!this.frame) this.start();
  }
  /** @param {number} first @param {string[]} blocks */
  take(first, blocks) {
    const taken = blocks.map((html, index) => {
      const template = document.createElement("template");
      template.innerHTML = html;
      const text = template.content.textContent ?? "";
      const open = index === blocks.length - 1;
      return { body: template.content, length: open ? lengthForCertain(text) : text.length, open };
    });
    this.blocks.splice(first, Infinity, ...taken);
  }
  start() {
    let before = performance.now();
    let credit = 1;
    const step = (/** @type {number} */ now) => {
      credit += (Math.max(0, now - before) / 1000) * this.speed(now); // a frame's time may be earlier
      before = now;
      const count = Math.floor(credit);
      this.type(count);
      credit -= count;
      this.frame = this.pending ? requestAnimationFrame(step) : 0;
      if (!this.frame) this.caughtUp();
    };
    this.frame = requestAnimationFrame(step);
  }
  /** @param {number} now */
  speed(now) {
    const usual = IDLE_SPEED + this.pending * 3;
    if (!this.deadline) return usual;
    return Math.max(usual, (this.pending * 1000) / Math.max(this.deadline - now, 16));
  }
  /** Shows so many characters more. @param {number} count */
  type(count) {
    this.caret.remove();
    this.count += count;
    for (let block = this.blocks[this.at]; block; block = this.blocks[++this.at]) {
      const left = this.count - block.length;
      fill(this.node, block.body, { left: left < 0 ? this.count : block.open ? block.length : Infinity }, this.before);
      if (left < 0 || this.at === this.blocks.length - 1) {
        this.count = Math.min(this.count, block.length);
        break;
      }
      this.before += block.body.childNodes.length;
      this.count = left;
    }
    endOf(this.node).append(this.caret);
  }
  /** Resolves when all received text is shown, or after `limit` ms at the latest. @param {number} limit */
  catchUp(limit) {
    this.deadline = performance.now() + limit * 0.9;
    return /** @type {Promise<void>} */ (new Promise((resolve) => {
      this.caughtUp = resolve;
      setTimeout(resolve, limit);
    }));
  }
  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }
}
