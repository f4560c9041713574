// Dialog actions: the menu behind each «⋯», and the small window for renaming.

import { PopoverMenu } from "popover_menu";
import { defineComponent } from "vue";

export const Actions = defineComponent({
  props: { labels: Object, prefix: String },
  emits: ["action"],
  template: `
    <div ref="menu" popover role="menu" class="dialog-menu" :aria-label="title" @beforetoggle="popover.toggling($event)" @keydown="popover.press($event)">
      <button type="button" role="menuitem" tabindex="-1" @click="rename">{{ labels.rename }}</button>
      <button type="button" role="menuitem" tabindex="-1" @click="ask(dialog.pinned ? 'unpin' : 'pin')">{{ dialog.pinned ? labels.unpin : labels.pin }}</button>
      <div role="group" :aria-label="labels.download" class="dialog-kinds">
        <span aria-hidden="true">{{ labels.download }}</span>
        <a v-for="kind in ['md', 'txt', 'json']" :key="kind" role="menuitem" tabindex="-1" download
          :href="prefix + '/export/dialogs/' + dialog.id + '.' + kind" @click="popover.close()">{{ labels[kind] }}</a>
      </div>
      <button type="button" role="menuitem" tabindex="-1" class="danger" @click="ask('delete')">{{ labels.delete }}</button>
    </div>
    <dialog ref="window" class="window dialog-rename" :aria-label="labels.rename_title" @close="popover.back()" @keydown.esc.stop>
      <form @submit.prevent="save">
        <h2>{{ labels.rename_title }}</h2>
        <input ref="field" v-model="name" type="text" dir="auto" :placeholder="dialog.name" :aria-label="labels.name" autocomplete="off"
          :aria-invalid="Boolean(error)" :aria-describedby="'rename-hint-' + uid" @input="error = ''">
        <p v-if="error" :id="'rename-hint-' + uid" class="field-error" role="alert">{{ error }}</p>
        <p v-else :id="'rename-hint-' + uid" class="muted">{{ labels.name_hint }}</p>
        <div class="actions">
          <button type="button" class="button quiet" @click="$refs.window.close()">{{ labels.cancel }}</button>
          <button type="submit" class="button">{{ labels.save }}</button>
        </div>
      </form>
    </dialog>`,
  setup: () => ({ popover: new PopoverMenu() }),
  data() {
    return { dialog: /** @type {DialogLine} */ ({}), name: "", error: "" };
  },
  computed: {
    title() {
      return this.labels.more.replace("{name}", this.dialog.name);
    },
    uid() {
      return this.$.uid;
    },
  },
  mounted() {
    this.popover.begin(this.$refs.menu);
  },
  beforeUnmount() {
    this.popover.end();
  },
  methods: {
    /** Shows the menu for `dialog` {id, name, title, pinned} at the pressed button. */
    /** @param {DialogLine} dialog @param {HTMLElement} button */
    async open(dialog, button) {
      if (this.popover.hasJustClosed(button)) return;
      this.dialog = dialog;
      await this.$nextTick();
      this.popover.show(button);
    },
    /** @param {string} name */
    ask(name) {
      this.popover.shut();
      this.$emit("action", { name, id: this.dialog.id, title: "" });
    },
    async rename() {
      this.popover.close();
      Object.assign(this, { name: this.dialog.title, error: "" });
      this.$refs.window.showModal();
      await this.$nextTick();
      this.$refs.field.select();
    },
    save() {
      this.$emit("action", { name: "rename", id: this.dialog.id, title: this.name });
    },
    renamed() {
      this.$refs.window.close();
    },
    /** @param {string} sentence */
    refused(sentence) {
      this.error = sentence;
      this.$refs.field.focus();
    },
  },
});
