// Typing animation: how a reply appears while it is being written.
// It arrives as HTML made by ui/chat/markdown.py, block by block; of the last ones only so much is in the page as has
// been typed.

const IDLE_SPEED = 40; // characters a second when there is little to show
const FIRST = 120; // characters of the first piece that are shown at once; more would jump onto the page
const EMPTY = ["BR", "HR"]; // elements that hold nothing

/** @typedef {{ body: DocumentFragment; length: number }} Block */

/** Shows arriving text at reading pace: large chunks look typed, and nothing lags for more than a moment. The first */
/** piece is there at once. */
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
    if (blocks.length) this.type(Infinity); // of nothing there is no end to count from
  }
  get pending() {
    const { length = 0 } = this.blocks[this.at] ?? {};
    return this.blocks.slice(this.at + 1).reduce((sum, block) => sum + block.length, Math.max(0, length - this.count));
  }
  get behind() {
    return this.pending > 0 && !document.hidden;
  }
  /** The blocks from number `first` on, the last of which is still open. @param {number} first @param {string[]} blocks */
  show(first, blocks) {
    const begins = !this.at && !this.count;
    this.take(first, blocks);
    if (begins) this.type(FIRST); // whoever waits before an empty box need not wait for the animation
    if (document.hidden || this.instant.matches) {
      this.type(Infinity);
      this.stop();
    } else if (!this.frame) this.start();
  }
  /** @param {number} first @param {string[]} blocks */
  take(first, blocks) {
    const taken = blocks.map((html) => {
      const template = document.createElement("template");
      template.innerHTML = html;
      return { body: template.content, length: template.content.textContent?.length ?? 0 };
    });
    this.blocks.splice(first, Infinity, ...taken);
  }
  start() {
    let before = performance.now();
    let credit = 1;
    const step = (/** @type {number} */ now) => {
      credit += (Math.max(0, now - before) / 1000) * this.speed(now); // a frame is named by when it was due, maybe before
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
      fill(this.node, block.body, { left: left >= 0 ? Infinity : this.count }, this.before);
      if (left < 0 || this.at === this.blocks.length - 1) {
        this.count = Math.min(this.count, block.length);
        break;
      }
      this.before += block.body.childNodes.length;
      this.count = left;
    }
    this.end().append(this.caret);
  }
  /** The element in which the text ends. */
  end() {
    let end = this.node;
    while (end.lastChild instanceof HTMLElement && !EMPTY.includes(end.lastChild.nodeName)) end = end.lastChild;
    return end;
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

/** Makes the children of `parent`, from number `at` on, those of `body`, as far as `room` goes; what is there stays. */
/** @param {Node} parent @param {Node} body @param {{ left: number }} room in characters @param {number} at */
function fill(parent, body, room, at = 0) {
  for (const wanted of body.childNodes) {
    if (room.left <= 0) break;
    if (!isLike(parent.childNodes[at], wanted)) {
      cutOff(parent, at);
      parent.appendChild(wanted instanceof Text ? document.createTextNode("") : wanted.cloneNode(false));
    }
    const node = parent.childNodes[at++];
    if (!(node instanceof Text)) {
      fill(node, wanted, room);
      continue;
    }
    const text = whole(wanted.textContent ?? "", room.left);
    if (node.data !== text) node.data = text;
    room.left -= text.length;
  }
  cutOff(parent, at);
}

/** @param {Node} parent @param {number} at */
function cutOff(parent, at) {
  while (parent.childNodes.length > at) parent.lastChild?.remove();
}

/** @param {Node | undefined} node @param {Node} wanted */
function isLike(node, wanted) {
  if (node?.nodeName !== wanted.nodeName) return false;
  return !(node instanceof Element && wanted instanceof Element) || node.getAttribute("href") === wanted.getAttribute("href");
}

/** @param {string} text @param {number} count */
function whole(text, count) {
  const last = text.charCodeAt(count - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? count + 1 : count); // never half an emoji (surrogate pair)
}
