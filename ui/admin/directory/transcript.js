// Transcript: the chat log as an admin reads it: other branches are shown without switching the person's own.

import ChatLog from "chat_log";
import { defineComponent } from "vue";

export default defineComponent({
  extends: ChatLog,
  setup: ChatLog.setup, // `extends` inherits all but this
  props: { anchor: Number },
  watch: {
    /** Another branch is fetched from another address. */
    url() {
      this.reload(this.anchor);
    },
  },
});
