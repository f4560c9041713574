// Export window: asks for the kind of file and whether to include what only the model sees; the browser downloads it.

import { defineComponent } from "vue";

export const ExportWindow = defineComponent({
  props: { labels: Object, prefix: String },
  template: `
    <dialog ref="window" class="window card-export" :aria-labelledby="'export-title-' + uid" @keydown.esc.stop @close="back">
      <form method="dialog">
        <h2 :id="'export-title-' + uid">{{ title }}</h2>
        <fieldset :aria-label="labels.kind">
          <label v-for="[value, words, told] in labels.kinds" :key="value" class="check"><input v-model="kind" type="radio" name="kind" :value="value">
            <span>{{ words }}<span class="muted">{{ told }}</span></span></label>
        </fieldset>
        <label v-if="secret" class="check"><input v-model="secrets" type="checkbox"><span>{{ labels.secrets }}<span class="muted">{{ labels.secrets_why }}</span></span></label>
        <p v-else class="muted">{{ labels.no_secrets }}</p>
        <div class="actions">
          <button type="submit" class="button quiet">{{ labels.cancel }}</button>
          <a class="button" download :href="address" @click="$refs.window.close()">{{ labels.download }}</a>
        </div>
      </form>
    </dialog>`,
  setup: () => ({ opener: /** @type {HTMLElement | null} */ (null) }),
  data() {
    return { ids: /** @type {number[]} */ ([]), title: "", secret: false, kind: "png", secrets: true };
  },
  computed: {
    uid() {
      return this.$.uid;
    },
    address() {
      const [id] = this.ids;
      const told = new URLSearchParams({ as: this.kind });
      if (!this.secrets) told.set("secrets", "false");
      if (this.ids.length === 1) return `${this.prefix}/export/characters/${id}?${told}`;
      for (const each of this.ids) told.append("id", String(each));
      return `${this.prefix}/export/characters.zip?${told}`;
    },
  },
  methods: {
    /** @param {number[]} ids @param {string} title @param {boolean} secret whether there is a choice @param {HTMLElement | null} opener */
    open(ids, title, secret, opener) {
      Object.assign(this, { ids, title, secret, opener });
      this.$refs.window.showModal();
    },
    back() {
      if (this.opener?.isConnected) this.opener.focus({ preventScroll: true });
    },
  },
});
