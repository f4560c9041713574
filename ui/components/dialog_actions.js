// What can be done with a dialog: the menu behind each «⋯», and the small window in which it is renamed.

const GAP = 4; // pixels between the button and its menu, and between the menu and the window's edge
const SAME_CLICK = 300; // ms: the click that closed the menu must not open it again

export const Actions = {
  props: { labels: Object, prefix: String },
  emits: ["deed"],
  template: `
    <div ref="menu" popover role="menu" class="dialog-menu" :aria-label="title" @beforetoggle="toggling" @keydown="press">
      <button type="button" role="menuitem" tabindex="-1" @click="rename">{{ labels.rename }}</button>
      <button type="button" role="menuitem" tabindex="-1" @click="ask(dialog.pinned ? 'unpin' : 'pin')">{{ dialog.pinned ? labels.unpin : labels.pin }}</button>
      <div role="group" :aria-label="labels.download" class="dialog-kinds">
        <span aria-hidden="true">{{ labels.download }}</span>
        <a v-for="kind in ['md', 'txt', 'json']" :key="kind" role="menuitem" tabindex="-1" download
          :href="prefix + '/export/dialogs/' + dialog.id + '.' + kind" @click="close">{{ labels[kind] }}</a>
      </div>
      <button type="button" role="menuitem" tabindex="-1" class="danger" @click="ask('delete')">{{ labels.delete }}</button>
    </div>
    <dialog ref="window" class="dialog-rename" :aria-label="labels.rename_title" @close="back" @keydown.esc.stop>
      <form @submit.prevent="save">
        <h2>{{ labels.rename_title }}</h2>
        <input ref="field" v-model="name" type="text" :placeholder="dialog.name" :aria-label="labels.name" autocomplete="off"
          :aria-invalid="Boolean(error)" :aria-describedby="'rename-hint-' + uid" @input="error = ''">
        <p v-if="error" :id="'rename-hint-' + uid" class="field-error" role="alert">{{ error }}</p>
        <p v-else :id="'rename-hint-' + uid" class="muted">{{ labels.name_hint }}</p>
        <div class="actions">
          <button type="button" class="button quiet" @click="$refs.window.close()">{{ labels.cancel }}</button>
          <button type="submit" class="button">{{ labels.save }}</button>
        </div>
      </form>
    </dialog>`,
  data() {
    return { dialog: {}, name: "", error: "" };
  },
  computed: {
    title() {
      return this.labels.more.replace("{name}", this.dialog.name);
    },
    uid() {
      return this.$.uid;
    },
  },
  created() {
    this.button = null; // what opened the menu, and gets the focus back
    this.closed = { button: null, at: 0 };
  },
  mounted() {
    for (const kind of ["scroll", "resize"]) window.addEventListener(kind, this.close, { capture: true, passive: true });
  },
  beforeUnmount() {
    for (const kind of ["scroll", "resize"]) window.removeEventListener(kind, this.close, { capture: true });
  },
  methods: {
    /** Show the menu for `dialog` {id, name, title, pinned} at the button that was pressed. */
    async open(dialog, button) {
      if (button === this.closed.button && performance.now() - this.closed.at < SAME_CLICK) return;
      Object.assign(this, { dialog, button });
      await this.$nextTick();
      const { menu } = this.$refs;
      menu.showPopover();
      const [at, size] = [button.getBoundingClientRect(), menu.getBoundingClientRect()];
      const below = at.bottom + GAP + size.height <= innerHeight;
      menu.style.top = Math.max(GAP, below ? at.bottom + GAP : at.top - GAP - size.height) + "px";
      menu.style.left = Math.max(GAP, Math.min(at.right - size.width, innerWidth - size.width - GAP)) + "px";
      this.items()[0].focus();
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
    ask(name) {
      this.shut();
      this.$emit("deed", { name, id: this.dialog.id, title: "" });
    },
    async rename() {
      this.close();
      Object.assign(this, { name: this.dialog.title, error: "" });
      this.$refs.window.showModal();
      await this.$nextTick();
      this.$refs.field.select();
    },
    save() {
      this.$emit("deed", { name: "rename", id: this.dialog.id, title: this.name });
    },
    renamed() {
      this.$refs.window.close();
    },
    refused(sentence) {
      this.error = sentence;
      this.$refs.field.focus();
    },
  },
};
