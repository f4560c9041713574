// Card export: the export window on the page of one character.

import { ExportWindow } from "export_window";
import { defineComponent } from "vue";

export default defineComponent({
  components: { ExportWindow },
  props: { labels: Object, number: Number, title: String, secret: Boolean },
  template: `<div class="card-export-place"><ExportWindow ref="window" v-bind="{ labels, prefix }" /></div>`,
  data() {
    return { prefix: "" };
  },
  mounted() {
    this.prefix = window.path_prefix || "";
  },
  methods: {
    /** @param {string} opener the id of the button that gets the focus back */
    open(opener) {
      this.$refs.window.open([this.number], this.title, this.secret, document.getElementById(opener));
    },
  },
});
