// Photo upload: a picture is chosen, dropped or pasted, then cropped, then sent to the server at once.

import { PhotoCrop } from "photo_crop";
import { holdsCard } from "png_card";
import { defineComponent } from "vue";

const DRAGS = /** @type {const} */ (["dragover", "drop"]);
const KINDS = ["image/jpeg", "image/png", "image/webp"];

export const PhotoChoice = defineComponent({
  components: { PhotoCrop },
  props: { url: String, labels: Object, picture: String, without: String, limit: Number, size: { type: String, default: "large" }, cards: Boolean },
  emits: /** @type {Emits<{ picked: { picture_id: string; picture: string }; removed: void }>} */ (["picked", "removed"]),
  template: `
    <div :class="['photo-picker', { over }]" @dragover.prevent="over = true" @dragleave="over = false" @drop.prevent="drop">
      <div class="photo-frame">
        <img v-if="shown" :src="shown" :alt="labels.picture" width="300" height="400">
        <p v-else class="muted">{{ labels.drop }}</p>
        <progress v-if="sending" max="1" :value="progress" :aria-label="labels.sending"></progress>
      </div>
      <div class="photo-side">
        <input ref="file" class="visually-hidden" type="file" tabindex="-1" aria-hidden="true" accept="${KINDS.join()}" @change="choose">
        <button type="button" class="button quiet" id="f-photo" :disabled="sending" @click="$refs.file.click()">{{ labels.choose }}</button>
        <button v-if="own && !sending" type="button" class="button quiet" @click="remove">{{ labels.remove }}</button>
        <p class="muted">{{ labels.hint }}</p>
        <p v-if="error" class="field-error" role="alert">{{ error }}</p>
        <slot v-if="!own && !sending"></slot>
      </div>
      <PhotoCrop ref="crop" :labels="labels" @done="send" />
    </div>`,
  setup: () => ({
    chosen: /** @type {File | null} */ (null), // it is being cropped
    address: "",
    request: /** @type {XMLHttpRequest | undefined} */ (undefined),
  }),
  data() {
    return { own: this.picture, prefix: window.path_prefix || "", preview: "", sending: false, progress: 0, over: false, error: "" };
  },
  computed: {
    shown() {
      if (this.preview) return this.preview;
      return this.own || this.without ? this.prefix + (this.own || this.without) : "";
    },
  },
  watch: {
    picture(picture) {
      this.own = picture;
    },
  },
  async mounted() {
    document.addEventListener("paste", this.paste);
    for (const kind of DRAGS) document.addEventListener(kind, this.stay);
    await this.$nextTick(); // by then the page knows its path_prefix
    this.prefix = window.path_prefix || "";
  },
  beforeUnmount() {
    document.removeEventListener("paste", this.paste);
    for (const kind of DRAGS) document.removeEventListener(kind, this.stay);
    this.request?.abort();
  },
  methods: {
    /** @param {On<Event, HTMLInputElement>} event */
    choose({ target }) {
      this.look(target.files?.[0]);
      target.value = ""; // so that the same file can be chosen again
    },
    /** @param {DragEvent} event */
    drop(event) {
      this.over = false;
      this.look(event.dataTransfer?.files[0]);
    },
    /** @param {DragEvent} event */
    stay(event) {
      // Dropped outside the frame, the browser would open the file in place of the page.
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    },
    /** @param {ClipboardEvent} event */
    async paste(event) {
      const file = event.clipboardData?.files[0]; // pasted text has no files and is left to the form
      if (!file || (this.cards && (await holdsCard(file)))) return; // ui/cards/card_import.js takes those
      this.look(file);
    },
    remove() {
      this.own = "";
      this.error = "";
      this.$emit("removed");
    },
    /** @param {File | undefined} file */
    async look(file) {
      if (!file || this.sending || this.chosen) return;
      this.error = KINDS.includes(file.type) ? "" : this.labels.not_picture;
      if (file.size > this.limit) this.error = this.labels.too_large;
      if (this.error) return;
      const address = URL.createObjectURL(file);
      Object.assign(this, { chosen: file, address });
      try {
        const image = new Image();
        image.src = address;
        await image.decode();
        this.$refs.crop.open(address, [image.naturalWidth, image.naturalHeight]);
      } catch {
        this.error = this.labels.not_picture;
        this.letGo();
      }
    },
    /** @param {Cut | null} cut */
    send(cut) {
      if (!cut || !this.chosen) return this.letGo();
      Object.assign(this, { preview: this.address, sending: true, progress: 0 });
      this.upload(this.chosen, cut, (answer) => {
        this.sending = false;
        const { picture_id, picture, error } = answer;
        this.error = picture_id ? "" : error || this.labels.failed;
        if (picture_id && picture) {
          this.own = picture.replace("large", this.size);
          this.$emit("picked", { picture_id, picture });
        }
        this.letGo();
      });
    },
    letGo() {
      URL.revokeObjectURL(this.address);
      Object.assign(this, { chosen: null, address: "", preview: "" });
    },
    /** @param {File} file @param {Cut} cut @param {(answer: Uploaded) => void} done */
    upload(file, cut, done) {
      const request = (this.request = new XMLHttpRequest()); // fetch cannot report upload progress
      request.open("POST", `${this.prefix}${this.url}?${new URLSearchParams(Object.entries(cut).map(([name, value]) => [name, String(value)]))}`);
      request.setRequestHeader("Content-Type", file.type);
      request.responseType = "json";
      request.upload.onprogress = (event) => event.lengthComputable && (this.progress = event.loaded / event.total);
      request.onload = () => done(request.response ?? {});
      request.onerror = () => done({});
      request.send(file);
    },
  },
});
