// Scroll anchoring: whatever is added, removed or changes its height, the line being read keeps its place.

const HEADROOM = 16; // pixels above a message taller than the window

export class Place {
  /** @param {HTMLElement} scroll */
  constructor(scroll) {
    this.scroll = scroll;
    this.tops = /** @type {Map<string, number>} */ (new Map()); // article id -> pixels below the window's top
    this.visible = /** @type {string[]} */ ([]); // ids of those on the screen, downwards
    this.pressed = false; // a finger or a button is down on a message
  }
  /** @param {AbortSignal} signal */
  begin(signal) {
    const press = (/** @type {Event} */ { target }) => (this.pressed = target instanceof Element && Boolean(target.closest(".message")));
    this.scroll.addEventListener("pointerdown", press, { signal });
    for (const end of ["pointerup", "pointercancel", "dragend"]) addEventListener(end, () => (this.pressed = false), { signal });
  }
  /** Whether the reader is selecting words, or has selected some: these must not move away. */
  get isHeld() {
    const selection = getSelection();
    return this.pressed || Boolean(selection && !selection.isCollapsed && this.scroll.contains(selection.anchorNode));
  }
  get below() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    return scrollHeight - clientHeight - scrollTop;
  }
  /** @param {string} id */
  article(id) {
    return document.getElementById(id);
  }
  mark() {
    const { top, height } = this.scroll.getBoundingClientRect();
    this.tops.clear();
    this.visible = [];
    for (const article of this.scroll.querySelectorAll("article")) {
      const box = article.getBoundingClientRect();
      this.tops.set(article.id, box.top - top);
      if (box.bottom > top && box.top < top + height) this.visible.push(article.id);
    }
  }
  /** Moves the first of `wanted`, else of what was on the screen, back to its place; false if none is left. */
  hold(/** @type {string[]} */ wanted = []) {
    const id = [...wanted, ...this.visible].find((each) => this.tops.has(each) && this.article(each));
    if (!id) return false;
    const [article, before] = [this.article(id), this.tops.get(id)];
    if (!article || before === undefined) return false;
    const now = article.getBoundingClientRect().top - this.scroll.getBoundingClientRect().top;
    const moved = now - before;
    if (Math.abs(moved) >= 0.5) this.scroll.scrollTop += moved;
    this.mark();
    return true;
  }
  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.mark();
  }
  /** @param {string} id */
  toMiddle(id) {
    const box = this.article(id)?.getBoundingClientRect();
    if (!box) return;
    const window = this.scroll.getBoundingClientRect();
    const space = Math.max((window.height - box.height) / 2, HEADROOM);
    this.scroll.scrollTop += box.top - window.top - space;
    this.mark();
  }
}
