// What can be done with a character, behind the «⋯» of its card.

const GAP = 4; // pixels between the button and its menu, and between the menu and the window's edge
const SAME_CLICK = 300; // ms: the click that closed the menu must not open it again

export const Menu = {
  props: { labels: Object, prefix: String, signed: Boolean },
  emits: ["deed"],
  template: `
    <div ref="menu" popover role="menu" class="dialog-menu" :aria-label="labels.more.replace('{name}', card.name)" @beforetoggle="toggling" @keydown="press">
      <template v-for="entry in entries" :key="entry.name">
        <a v-if="entry.url" role="menuitem" tabindex="-1" :href="prefix + entry.url">{{ labels[entry.name] }}</a>
        <button v-else type="button" role="menuitem" tabindex="-1" :class="{ danger: entry.name === 'delete' }"
          @click="ask(entry.name)">{{ labels[entry.name] }}</button>
      </template>
    </div>`,
  data() {
    return { card: { name: "" } };
  },
  computed: {
    entries() {
      const { card, signed } = this;
      const entries = [
        card.chat_url && { name: "go_on", url: card.chat_url },
        { name: "begin" },
        card.is_own && { name: "edit", url: `${card.url}/edit` },
        card.is_own && { name: "duplicate" },
        !card.badge && { name: "share" }, // a badge says that others do not see it
        signed && !card.is_own && { name: "report" },
        card.is_own && { name: "delete" },
      ];
      return entries.filter(Boolean);
    },
  },
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
    async open(card, button) {
      if (button === this.closed.button && performance.now() - this.closed.at < SAME_CLICK) return;
      Object.assign(this, { card, button });
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
    close() {
      if (!this.$refs.menu?.matches(":popover-open")) return;
      this.$refs.menu.hidePopover();
      this.closed.button = null; // by us, not by a click beside it
    },
    shut() {
      this.close();
      if (this.button?.isConnected) this.button.focus({ preventScroll: true });
    },
    ask(name) {
      this.shut();
      this.$emit("deed", name, this.card);
    },
  },
};
