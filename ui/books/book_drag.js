// Book drag: a row is dragged to another place by its handle, with a mouse or a finger; Esc puts it back.

const EDGE = 60; // pixels from the window's edge within which the page scrolls
const STEP = 12; // pixels a frame

/** While a row is dragged, `row` is its id and `to` the gap it would fall into: before the row with that index. */
export class RowDrag {
  constructor() {
    this.row = 0;
    this.to = -1;
    this.y = 0;
    this.frame = 0;
  }
  /**
   * @param {number} row @param {PointerEvent} event
   * @param {{ placeAt: (y: number) => number; drop: (to: number) => void }} list finds the gap at a height in the window, and handles the drop
   */
  begin(row, event, { placeAt, drop }) {
    if (event.button) return;
    event.preventDefault();
    const ending = new AbortController();
    const { signal } = ending;
    const end = (/** @type {boolean} */ drops) => {
      ending.abort();
      cancelAnimationFrame(this.frame);
      const { to } = this;
      Object.assign(this, { row: 0, to: -1 });
      if (drops) drop(to);
    };
    Object.assign(this, { row, y: event.clientY });
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    document.addEventListener("pointermove", ({ clientY }) => (this.y = clientY), { signal });
    document.addEventListener("pointerup", () => end(true), { signal });
    document.addEventListener("pointercancel", () => end(false), { signal });
    const escape = (/** @type {KeyboardEvent} */ pressed) => {
      if (pressed.key !== "Escape") return;
      pressed.stopPropagation();
      end(false);
    };
    document.addEventListener("keydown", escape, { signal, capture: true });
    this.follow(placeAt);
  }
  /** @param {(y: number) => number} placeAt */
  follow(placeAt) {
    if (this.y < EDGE) scrollBy(0, -STEP);
    else if (this.y > innerHeight - EDGE) scrollBy(0, STEP);
    this.to = placeAt(this.y);
    this.frame = requestAnimationFrame(() => this.follow(placeAt));
  }
}
