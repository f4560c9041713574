// Book window: of a long list, only the rows near the visible part are rendered.

const SPARE = 8; // rows above and below, so that a quick scroll shows no gap

/** The `height` of a row is measured, since it depends on the text size. Rows `first` to `last` are rendered. */
export class RowWindow {
  constructor() {
    this.height = 56; // pixels, until there is a row to measure
    this.first = 0;
    this.last = 2 * SPARE;
  }
  /** @param {HTMLElement} space as high as all rows together @param {number} count */
  look(space, count) {
    const row = /** @type {HTMLElement | null} */ (space.querySelector("[role=row]"));
    if (row?.offsetHeight) this.height = row.offsetHeight;
    const above = -space.getBoundingClientRect().top;
    this.first = Math.max(0, Math.floor(above / this.height) - SPARE);
    this.last = Math.min(count - 1, Math.ceil((above + innerHeight) / this.height) + SPARE);
  }
  /** The gap at this height in the window: before the row with that index. @param {HTMLElement} space @param {number} y @param {number} count */
  at(space, y, count) {
    const place = Math.round((y - space.getBoundingClientRect().top) / this.height);
    return Math.min(Math.max(place, 0), count);
  }
}
