// Popover menu (ARIA menu button): beside its button, within the window, navigated by arrows; it restores the focus.

const GAP = 4; // pixels between button and menu, and between menu and window edge
const SAME_CLICK = 300; // ms: the click that closed the menu must not open it again

/** For a popover with `@beforetoggle` = `toggling` and `@keydown` = `press`; `begin` and `end` with its component. */
export class PopoverMenu {
  constructor() {
    this.menu = /** @type {HTMLElement | null} */ (null);
    this.button = /** @type {HTMLElement | null} */ (null); // it opened the menu, and gets the focus back
    this.closed = { button: /** @type {HTMLElement | null} */ (null), at: 0 };
    this.leaving = new AbortController(); // removes the listeners
  }
  /** @param {HTMLElement} menu */
  begin(menu) {
    this.menu = menu;
    const options = { capture: true, passive: true, signal: this.leaving.signal };
    window.addEventListener("scroll", ({ target }) => this.moved(target) && this.close(), options);
    window.addEventListener("resize", () => this.close(), options);
  }
  end() {
    this.leaving.abort();
  }
  /** Whether the button moves with the scrolled element: a chat that grows beside the menu leaves it open. */
  /** @param {EventTarget | null} scrolled */
  moved(scrolled) {
    return scrolled instanceof Node && scrolled.contains(this.button);
  }
  /** Whether a click on the button is the very one that has just closed the menu. @param {HTMLElement} button */
  hasJustClosed(button) {
    return button === this.closed.button && performance.now() - this.closed.at < SAME_CLICK;
  }
  /** Opens at the pressed button. @param {HTMLElement} button */
  show(button) {
    const { menu } = this;
    if (!menu) return;
    this.button = button;
    menu.showPopover();
    const [at, size] = [button.getBoundingClientRect(), menu.getBoundingClientRect()];
    const below = at.bottom + GAP + size.height <= innerHeight;
    menu.style.top = Math.max(GAP, below ? at.bottom + GAP : at.top - GAP - size.height) + "px";
    menu.style.left = Math.max(GAP, Math.min(at.right - size.width, innerWidth - size.width - GAP)) + "px";
    this.items()[0].focus({ preventScroll: true });
  }
  /** @param {ToggleEvent} event */
  toggling({ newState }) {
    this.button?.setAttribute("aria-expanded", String(newState === "open"));
    if (newState === "closed") this.closed = { button: this.button, at: performance.now() };
  }
  items() {
    return /** @type {HTMLElement[]} */ ([...(this.menu?.querySelectorAll("[role=menuitem]") ?? [])]);
  }
  /** @param {KeyboardEvent} event */
  press(event) {
    const items = this.items();
    const at = items.findIndex((item) => item === document.activeElement);
    const places = /** @type {Record<string, number>} */ ({ ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 });
    const to = places[event.key];
    if (to !== undefined) items.at(to % items.length)?.focus();
    else if (event.key === "Escape" || event.key === "Tab") this.shut();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  /** Closes the menu; a focus that has moved elsewhere stays there. */
  close() {
    if (!this.menu?.matches(":popover-open")) return;
    this.menu.hidePopover();
    this.closed.button = null; // closed by us, not by a click outside
  }
  shut() {
    this.close();
    this.back();
  }
  /** Returns the focus to the button unless the menu is open again: an event of a window opened from it may be late. */
  back() {
    if (this.button?.isConnected && !this.menu?.matches(":popover-open")) this.button.focus({ preventScroll: true });
  }
}
