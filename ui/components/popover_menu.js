// @ts-nocheck: what it shares `this` with is not known here; to become a composable
// A menu behind a button: beside it, within the window, walked through by arrows; it gives the focus back.

import { defineComponent } from "vue";

const GAP = 4; // pixels between the button and its menu, and between the menu and the window's edge
const SAME_CLICK = 300; // ms: the click that closed the menu must not open it again

/** For a component with a popover called `menu`, whose `@beforetoggle` is `toggling` and whose `@keydown` is `press`. */
export const PopoverMenu = defineComponent({
  created() {
    this.button = null; // what opened the menu, and gets the focus back
    this.closed = { button: null, at: 0 };
    this.leaving = new AbortController(); // takes the listeners away
  },
  mounted() {
    const { signal } = this.leaving;
    for (const kind of ["scroll", "resize"]) window.addEventListener(kind, this.close, { capture: true, passive: true, signal });
  },
  beforeUnmount() {
    this.leaving.abort();
  },
  methods: {
    /** At the button that was pressed, for `subject`: what of the component's data the entries are about. */
    async show(subject, button) {
      if (button === this.closed.button && performance.now() - this.closed.at < SAME_CLICK) return;
      Object.assign(this, subject, { button });
      await this.$nextTick();
      const { menu } = this.$refs;
      menu.showPopover();
      const [at, size] = [button.getBoundingClientRect(), menu.getBoundingClientRect()];
      const below = at.bottom + GAP + size.height <= innerHeight;
      menu.style.top = Math.max(GAP, below ? at.bottom + GAP : at.top - GAP - size.height) + "px";
      menu.style.left = Math.max(GAP, Math.min(at.right - size.width, innerWidth - size.width - GAP)) + "px";
      this.items()[0].focus({ preventScroll: true });
    },
    toggling({ newState }) {
      this.button?.setAttribute("aria-expanded", newState === "open");
      if (newState === "closed") this.closed = { button: this.button, at: performance.now() };
    },
    items() {
      return [...this.$refs.menu.querySelectorAll("[role=menuitem]")];
    },
    press(event) {
      const items = this.items();
      const at = items.indexOf(document.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
      if (to !== undefined) items.at(to % items.length).focus();
      else if (event.key === "Escape" || event.key === "Tab") this.shut();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    /** Takes the menu away; whoever is elsewhere by now stays there. */
    close() {
      if (!this.$refs.menu?.matches(":popover-open")) return;
      this.$refs.menu.hidePopover();
      this.closed.button = null; // by us, not by a click beside it
    },
    shut() {
      this.close();
      this.back();
    },
    back() {
      if (this.button?.isConnected) this.button.focus({ preventScroll: true });
    },
  },
});
