// Book window: of a long list only the rows near what is seen are in the page.

const SPARE = 8; // rows above and below, so that a quick scroll shows no gap

/** `height` of a row is measured, since it follows the size of the text; `first` and `last` are those to be there. */
export class RowWindow {
  constructor() {
    this.height = 56; // pixels, until a row is there to be measured
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
  /** The row at this height of the window. @param {HTMLElement} space @param {number} y @param {number} count */
  at(space, y, count) {
    const place = Math.round((y - space.getBoundingClientRect().top) / this.height);
    return Math.min(Math.max(place, 0), count);
  }
}
