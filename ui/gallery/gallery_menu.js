// Character menu: the actions behind the «⋯» of a card.

import { PopoverMenu } from "popover_menu";
import { defineComponent } from "vue";

export const Menu = defineComponent({
  props: { labels: Object, prefix: String, signed: Boolean },
  emits: ["action"],
  template: `
    <div ref="menu" popover role="menu" class="dialog-menu" :aria-label="labels.more.replace('{name}', card.name)" @beforetoggle="popover.toggling($event)" @keydown="popover.press($event)">
      <template v-for="entry in entries" :key="entry.name">
        <a v-if="entry.url" role="menuitem" tabindex="-1" :href="prefix + entry.url">{{ labels[entry.name] }}</a>
        <button v-else type="button" role="menuitem" tabindex="-1" :class="{ danger: entry.name === 'delete' }"
          @click="ask(entry.name)">{{ labels[entry.name] }}</button>
      </template>
    </div>`,
  setup: () => ({ popover: new PopoverMenu() }),
  data() {
    return { card: /** @type {CharacterCard} */ ({ name: "" }) };
  },
  computed: {
    entries() {
      const { card, signed } = this;
      const entries = [
        card.chat_url && { name: "go_on", url: card.chat_url },
        { name: "begin" },
        card.is_own && { name: "edit", url: `${card.url}/edit` },
        card.is_own && { name: "duplicate" },
        !card.badge && { name: "share" }, // a badge means that others do not see it
        signed && { name: "export" },
        signed && !card.is_own && { name: "report" },
        card.is_own && { name: "delete" },
      ];
      return entries.filter(Boolean);
    },
  },
  mounted() {
    this.popover.begin(this.$refs.menu);
  },
  beforeUnmount() {
    this.popover.end();
  },
  methods: {
    /** @param {CharacterCard} card @param {HTMLElement} button */
    async open(card, button) {
      if (this.popover.hasJustClosed(button)) return;
      this.card = card;
      await this.$nextTick();
      this.popover.show(button);
    },
    /** @param {string} name */
    ask(name) {
      this.popover.shut();
      this.$emit("action", name, this.card);
    },
  },
});
