// The log of somebody's conversation as an admin reads it: other branches are shown without turning the person's.

import ChatLog from "chat_log";
import { defineComponent } from "vue";

export default defineComponent({
  extends: ChatLog,
  setup: ChatLog.setup, // `extends` brings all but this
  props: { anchor: Number },
  watch: {
    /** Another branch is read by another address. */
    url() {
      this.reload(this.anchor);
    },
  },
});
