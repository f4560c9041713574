// A picture chosen, dropped or pasted goes straight to the server; the form only keeps the id it was given.

const KINDS = ["image/jpeg", "image/png", "image/webp"];

export default {
  props: { url: String, labels: Object, picture: String, without: String, limit: Number },
  emits: ["picked", "removed"],
  template: `
    <div :class="['photo-picker', { over }]" @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="drop">
      <div class="photo-frame">
        <img v-if="shown" :src="shown" :alt="labels.picture" width="300" height="400">
        <p v-else class="muted">{{ labels.drop }}</p>
        <progress v-if="sending" max="1" :value="progress" :aria-label="labels.sending"></progress>
      </div>
      <div class="photo-side">
        <input ref="file" class="visually-hidden" type="file" tabindex="-1" aria-hidden="true" accept="${KINDS.join()}" @change="choose">
        <button type="button" class="button quiet" :disabled="sending" @click="$refs.file.click()">{{ labels.choose }}</button>
        <button v-if="shown !== bare && !sending" type="button" class="button quiet" @click="remove">{{ labels.remove }}</button>
        <p class="muted">{{ labels.hint }}</p>
        <p v-if="error" class="field-error" role="alert">{{ error }}</p>
      </div>
    </div>`,
  data() {
    return { shown: "", bare: "", sending: false, progress: 0, over: false, error: "" };
  },
  async mounted() {
    await this.$nextTick(); // the page knows its path_prefix then
    this.prefix = window.path_prefix || "";
    this.bare = this.without && this.prefix + this.without;
    this.shown = this.picture ? this.prefix + this.picture : this.bare;
    document.addEventListener("paste", this.paste);
  },
  beforeUnmount() {
    document.removeEventListener("paste", this.paste);
    this.request?.abort();
  },
  methods: {
    choose({ target }) {
      this.send(target.files[0]);
      target.value = ""; // the same file may be chosen again
    },
    drop(event) {
      this.over = false;
      this.send(event.dataTransfer.files[0]);
    },
    paste(event) {
      this.send(event.clipboardData.files[0]); // pasted text has no files and stays the form's own matter
    },
    remove() {
      this.shown = this.bare;
      this.error = "";
      this.$emit("removed");
    },
    send(file) {
      if (!file || this.sending) return;
      this.error = KINDS.includes(file.type) ? "" : this.labels.not_picture;
      if (file.size > this.limit) this.error = this.labels.too_large;
      if (this.error) return;
      const before = this.shown;
      const preview = URL.createObjectURL(file);
      Object.assign(this, { shown: preview, sending: true, progress: 0 });
      this.upload(file, (answer) => {
        URL.revokeObjectURL(preview);
        this.sending = false;
        this.error = answer.picture_id ? "" : answer.error || this.labels.failed;
        this.shown = answer.picture_id ? this.prefix + answer.picture : before;
        if (answer.picture_id) this.$emit("picked", { picture_id: answer.picture_id, picture: answer.picture });
      });
    },
    upload(file, done) {
      const request = (this.request = new XMLHttpRequest()); // fetch cannot tell how far an upload is
      request.open("POST", this.prefix + this.url);
      request.setRequestHeader("Content-Type", file.type);
      request.responseType = "json";
      request.upload.onprogress = (event) => event.lengthComputable && (this.progress = event.loaded / event.total);
      request.onload = () => done(request.response ?? {});
      request.onerror = () => done({});
      request.send(file);
    },
  },
};
