// Message menu: the actions behind a message's «⋯»; the most frequent ones are beside it, as far as there is room.

import { PopoverMenu } from "popover_menu";
import { defineComponent, reactive } from "vue";

const OUTSIDE = /** @type {Record<string, string[]>} */ ({
  assistant: ["copy", "regenerate", "edit", "thumb-up", "thumb-down"],
  user: ["copy", "edit"],
});
const BESIDE_VERSIONS = 2; // on a phone, so that versions and actions fit into one line

/** @typedef {Pick<import("chat_news").Shown, "behind" | "shown" | "choose">} OpenedFor */

const phone = reactive({ is: false }); // set by the one menu of the page

/** The actions of a message that are one click away. A menu for a single other one would be of no use. */
/** @param {string[]} actions @param {string} role @param {boolean} hasVersions */
export function outside(actions, role, hasVersions) {
  const room = hasVersions && phone.is ? BESIDE_VERSIONS : Infinity;
  const most = OUTSIDE[role].filter((action) => actions.includes(action)).slice(0, room);
  const others = actions.filter((action) => !most.includes(action));
  return others.length === 1 && others[0] !== "show" ? [...most, ...others] : most;
}

export const MessageMenu = defineComponent({
  props: { labels: Object, messages: /** @type {PropType<ChatMessage[]>} */ (Array) },
  template: `
    <div ref="menu" popover role="menu" class="dialog-menu" :aria-label="labels.more" @beforetoggle="popover.toggling($event)" @keydown="popover.press($event)">
      <button v-for="action in actions" :key="action" type="button" role="menuitem" tabindex="-1" :class="{ danger: action === 'delete' }"
        @click="choose(action)">{{ labels[action === feedback ? "unrate" : action] }}</button>
    </div>`,
  setup: () => ({ popover: new PopoverMenu(), leaving: new AbortController() }),
  data() {
    return { of: /** @type {OpenedFor | null} */ (null) };
  },
  computed: {
    /** The current actions: another page or tab may change the message while its menu is open. */
    actions() {
      const { of, messages } = this;
      return of && messages.some(({ id }) => id === of.shown.id) ? of.behind : [];
    },
    feedback() {
      return this.of?.shown.feedback ?? "";
    },
  },
  watch: {
    actions: {
      flush: "post",
      handler(now) {
        const { menu } = this.$refs;
        if (!menu.matches(":popover-open")) return;
        if (!now.length) this.popover.shut();
        else if (!menu.contains(document.activeElement)) this.popover.items()[0].focus({ preventScroll: true });
      },
    },
  },
  mounted() {
    this.popover.begin(this.$refs.menu);
    const query = matchMedia("(width < 600px)");
    const look = () => (phone.is = query.matches);
    query.addEventListener("change", look, { signal: this.leaving.signal });
    look();
  },
  beforeUnmount() {
    this.popover.end();
    this.leaving.abort();
  },
  methods: {
    /** @param {OpenedFor} of the message in the page @param {HTMLElement} button */
    async open(of, button) {
      if (this.popover.hasJustClosed(button)) return;
      this.of = of;
      await this.$nextTick();
      this.popover.show(button);
    },
    /** @param {string} action */
    choose(action) {
      this.popover.shut();
      this.of?.choose(action);
    },
  },
});
