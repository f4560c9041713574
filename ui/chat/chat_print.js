// Printing: while the browser prints, the whole dialog is in the page, however little of it was there.

/** @typedef {import("chat_paging").Pages} Pages */

export class Printing {
  /** @param {Pages} pages @param {import("scroll_anchor").Place} place */
  constructor(pages, place) {
    this.pages = pages;
    this.place = place;
    this.before = /** @type {Pick<Pages, "older" | "newer"> & { ids: Set<number> } | null} */ (null);
  }
  /** @param {AbortSignal} signal */
  begin(signal) {
    addEventListener("beforeprint", () => this.unfold(), { signal });
    addEventListener("afterprint", () => this.fold(), { signal });
  }
  /** Synchronous, without a promise: a browser prints what is there when this function returns. */
  unfold() {
    const { pages } = this;
    if (this.before || !(pages.older || pages.newer)) return;
    this.place.mark();
    this.before = { older: pages.older, newer: pages.newer, ids: new Set(pages.messages.map(({ id }) => id)) };
    pages.interrupt();
    for (const side of /** @type {const} */ (["older", "newer"])) {
      for (let address = pages[side]; address; address = pages[side]) {
        const page = askAtOnce(address);
        if (!page) break;
        pages.add(side, page, Infinity);
      }
    }
  }
  fold() {
    if (!this.before) return;
    const { older, newer, ids } = this.before;
    const { pages } = this;
    const isNew = (/** @type {number} */ id) => !newer && id > Math.max(...ids); // sent since, below what was there
    Object.assign(pages, { older, newer, messages: pages.messages.filter(({ id }) => ids.has(id) || isNew(id)) });
    this.before = null;
  }
}

/** @param {string} address @returns {import("chat_paging").Page | null} */
function askAtOnce(address) {
  const request = new XMLHttpRequest();
  request.open("GET", (window.path_prefix || "") + address, false);
  request.setRequestHeader("Accept", "application/json");
  try {
    request.send();
    return request.status === 200 ? JSON.parse(request.responseText) : null;
  } catch {
    return null; // no network: a printed line says that something is missing
  }
}
