// Image cropper: 3:4, moved by pointer, touch and keys, and the circle around the face.

import { defineComponent } from "vue";

const WIDTH = 240; // width of the frame in the page in pixels, as in ui/editor/editor.css
const FACE = 0.72; // of the crop's width, as in domain/pictures/resize.py
const CLOSEST = 8;
const STEP = 0.02; // of the crop, per arrow key press
const NEARER = 1.1;

/** @param {number} number @param {number} low @param {number} high */
const between = (number, low, high) => Math.max(low, Math.min(number, Math.max(low, high)));

/** How far an arrow key moves it: to the right, and down. @param {string} key @param {number} step */
const arrow = (key, step) =>
  /** @type {Record<string, [number, number]>} */ ({
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  })[key];

export const PhotoCrop = defineComponent({
  props: { labels: Object },
  emits: ["done"],
  template: `
    <dialog ref="dialog" class="window crop" aria-labelledby="crop-title" @cancel="$emit('done', null)" @keydown="press">
      <h2 id="crop-title" class="subtitle">{{ labels.crop }}</h2>
      <div class="crop-body">
        <div ref="frame" class="crop-frame" tabindex="0" role="application" :aria-label="labels.frame" :aria-description="labels.keys"
          @pointerdown="grab" @pointermove="drag" @pointerup="release" @pointercancel="release" @wheel.prevent="wheel">
          <img :src="address" alt="" draggable="false" :style="placed(frameWidth, box)">
          <button ref="face" type="button" class="crop-face" :aria-label="labels.face" :aria-description="labels.face_keys"
            :style="circle" @keydown.stop="pressFace"></button>
        </div>
        <div class="crop-side">
          <div class="crop-round" role="img" :aria-label="labels.round"><img :src="address" alt="" :style="placed(88, face)"></div>
          <p class="muted">{{ labels.crop_hint }}</p>
          <div class="crop-zoom">
            <button type="button" class="button quiet" :aria-label="labels.further" @click="zoom(1 / nearer)">−</button>
            <input type="range" min="0" max="1" step="0.01" :value="closeness" :aria-label="labels.zoom" @input="zoomTo($event.target.value)">
            <button type="button" class="button quiet" :aria-label="labels.nearer" @click="zoom(nearer)">+</button>
          </div>
        </div>
      </div>
      <div class="actions crop-actions">
        <button type="button" class="button quiet" @click="close(null)">{{ labels.cancel }}</button>
        <button type="button" class="button" @click="close(cut)">{{ labels.take }}</button>
      </div>
    </dialog>`,
  data() {
    return { address: "", natural: [3, 4], width: 1, x: 0, y: 0, fx: 0.5, fy: 0.4 };
  },
  setup: () => ({
    frameWidth: WIDTH,
    nearer: NEARER,
    fingers: /** @type {Map<number, PointerEvent>} */ (new Map()),
    holdsFace: false,
  }),
  computed: {
    // All in fractions of the photo; heights follow from the width in pixels.
    tall() {
      return this.natural[0] / this.natural[1];
    },
    widest() {
      return Math.min(1, 0.75 / this.tall);
    },
    box() {
      return { x: this.x, y: this.y, width: this.width };
    },
    face() {
      const width = this.width * FACE;
      return { x: this.fx - width / 2, y: this.fy - (width * this.tall) / 2, width };
    },
    circle() {
      const side = WIDTH * FACE;
      const left = ((this.face.x - this.x) / this.width) * WIDTH;
      const top = ((this.face.y - this.y) / (this.width * this.tall)) * WIDTH;
      return { width: `${side}px`, height: `${side}px`, left: `${left}px`, top: `${top}px` };
    },
    closeness() {
      return Math.log(this.widest / this.width) / Math.log(CLOSEST);
    },
    cut() {
      return { x: this.x, y: this.y, width: this.width, fx: this.fx, fy: this.fy };
    },
  },
  methods: {
    /** @param {string} address @param {number[]} natural */
    open(address, natural) {
      Object.assign(this, { address, natural });
      this.width = this.widest;
      const high = (this.width * this.tall * 4) / 3;
      Object.assign(this, { x: (1 - this.width) / 2, y: (1 - high) * 0.3 });
      Object.assign(this, { fx: this.x + this.width / 2, fy: this.y + high * 0.38 });
      this.settle();
      this.$refs.dialog.showModal();
      this.$refs.frame.focus();
    },
    /** @param {Cut | null} cut */
    close(cut) {
      this.$refs.dialog.close();
      this.$emit("done", cut);
    },
    settle() {
      this.width = between(this.width, this.widest / CLOSEST, this.widest);
      const high = (this.width * this.tall * 4) / 3;
      this.x = between(this.x, 0, 1 - this.width);
      this.y = between(this.y, 0, 1 - high);
      const half = (this.width * FACE) / 2;
      this.fx = between(this.fx, this.x + half, this.x + this.width - half);
      this.fy = between(this.fy, this.y + half * this.tall, this.y + high - half * this.tall);
    },
    /** @param {number} dx @param {number} dy */
    move(dx, dy) {
      this.x += dx * this.width;
      this.y += dy * this.width * this.tall;
      this.settle();
    },
    /** @param {number} dx @param {number} dy */
    moveFace(dx, dy) {
      this.fx += dx * this.width;
      this.fy += dy * this.width * this.tall;
      this.settle();
    },
    /** @param {number} times */
    zoom(times) {
      const [cx, cy] = [this.x + this.width / 2, this.y + (this.width * this.tall * 2) / 3];
      this.width = between(this.width / times, this.widest / CLOSEST, this.widest);
      this.x = cx - this.width / 2;
      this.y = cy - (this.width * this.tall * 2) / 3;
      this.settle();
    },
    /** @param {number} closeness */
    zoomTo(closeness) {
      this.zoom((CLOSEST ** closeness * this.width) / this.widest);
    },

    /** @param {On<KeyboardEvent, HTMLInputElement>} event */
    press(event) {
      if (event.target.type === "range") return;
      const step = event.shiftKey ? STEP * 5 : STEP;
      const move = arrow(event.key, step);
      if (move) this.move(...move);
      else if (event.key === "+" || event.key === "=") this.zoom(NEARER);
      else if (event.key === "-") this.zoom(1 / NEARER);
      else if (event.key === "Enter" && event.target === this.$refs.frame) this.close(this.cut);
      else return;
      event.preventDefault();
    },
    /** @param {KeyboardEvent} event */
    pressFace(event) {
      const move = arrow(event.key, STEP);
      if (!move) return;
      event.preventDefault();
      this.moveFace(...move);
    },

    // One finger moves the circle or, beside it, the photo; two zoom (pinch), wherever they are.
    /** @param {PointerEvent} event */
    grab(event) {
      this.$refs.frame.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, event);
      this.holdsFace = event.target === this.$refs.face && this.fingers.size === 1;
    },
    /** @param {PointerEvent} event */
    drag(event) {
      const before = this.fingers.get(event.pointerId);
      if (!before) return;
      const apart = this.spread();
      this.fingers.set(event.pointerId, event);
      const [right, down] = [(event.clientX - before.clientX) / WIDTH, (event.clientY - before.clientY) / WIDTH];
      if (apart) this.zoom(this.spread() / apart);
      else if (this.holdsFace) this.moveFace(right, down);
      else this.move(-right, -down);
    },
    spread() {
      const [one, other] = [...this.fingers.values()];
      return other ? Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) : 0;
    },
    /** @param {PointerEvent} event */
    release(event) {
      this.fingers.delete(event.pointerId);
    },
    /** @param {WheelEvent} event */
    wheel(event) {
      this.zoom(event.deltaY < 0 ? NEARER : 1 / NEARER);
    },
    /** @param {number} width @param {{ x: number; y: number; width: number }} part */
    placed(width, part) {
      const whole = width / part.width;
      return { width: `${whole}px`, left: `${-part.x * whole}px`, top: `${(-part.y * whole) / this.tall}px` };
    },
  },
});
