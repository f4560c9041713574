// Book table: the entries of a book, however many, as a grid. One row is in the tab order; arrow keys reach the others.

import { RowDrag } from "book_drag";
import { figure } from "book_rows";
import { RowWindow } from "book_window";
import { defineComponent, reactive } from "vue";

const COLUMNS = ["on", "keys", "excerpt", "order", "place", "tokens"];

export const BookTable = defineComponent({
  props: {
    rows: /** @type {PropType<BookRow[]>} */ (Array),
    chosen: /** @type {PropType<Set<number>>} */ (Object),
    drafts: /** @type {PropType<Set<number>>} */ (Object),
    ...{ labels: Object, places: Object, editable: Boolean, movable: Boolean },
  },
  emits: /** @type {Emits<{ open: number; turn: BookRow; choose: number[]; move: { id: number; to: number } }>} */ (["open", "turn", "choose", "move"]),
  template: `
    <div class="book-table"><p id="book-keys-told" class="visually-hidden">{{ labels.keys_told }}</p>
      <div class="visually-hidden" role="status">{{ said }}</div>
      <div role="grid" :aria-label="labels.entries" :aria-rowcount="rows.length + 1" aria-multiselectable="true"
        :aria-describedby="movable ? 'book-keys-told' : null" @keydown="press" @focusin="arrive">
      <div class="book-row book-head" role="row" aria-rowindex="1">
        <span class="book-pick" role="columnheader"><label v-if="editable" class="book-check"><input type="checkbox" :checked="all" :indeterminate="chosen.size > 0 && !all" @change="chooseAll"><span class="book-all">{{ labels.choose_all }}</span></label></span>
        <span v-for="column in columns" :key="column" :class="'book-' + column" role="columnheader">{{ labels[column] }}</span>
      </div>
      <div ref="space" class="book-rows" role="rowgroup" :style="{ height: rows.length * view.height + 'px' }">
        <div v-for="{ row, at } in shown" :key="row.id" :data-id="row.id" :class="['book-row', { off: !row.on, drawn: drag.row === row.id }]" role="row"
          :aria-rowindex="at + 2" :aria-selected="String(chosen.has(row.id))" :style="{ transform: 'translateY(' + at * view.height + 'px)' }">
          <span class="book-pick" role="gridcell"><span v-if="movable" class="book-handle" aria-hidden="true" :title="labels.draw" @pointerdown="draw(row.id, $event)">⠿</span>
            <label v-if="editable" class="book-check"><input type="checkbox" :tabindex="tabindex(row)" :checked="chosen.has(row.id)" :aria-label="labels.choose.replace('{entry}', told(row))" @change="choose(row.id, $event)"></label></span>
          <span class="book-on" role="gridcell"><button type="button" class="book-switch" role="switch" :tabindex="tabindex(row)" :aria-checked="String(row.on)" :disabled="!editable"
            :aria-label="labels.switch.replace('{entry}', told(row))" @click="$emit('turn', row)"></button></span>
          <span class="book-keys" role="gridcell"><button type="button" class="book-open" :tabindex="tabindex(row)" dir="auto" @click="$emit('open', row.id)"
            ><span v-if="row.always" class="chip">{{ labels.always }}</span><span class="book-name">{{ name(row) }}</span><span v-if="row.remark" class="book-flaw" :title="row.remark">{{ labels.flawed }}<span class="visually-hidden">: {{ row.remark }}</span></span><span v-if="drafts.has(row.id)" class="book-draft">{{ labels.draft }}</span></button></span>
          <span class="book-excerpt" role="gridcell" dir="auto">{{ row.title && row.keys ? row.title + " — " : "" }}{{ row.excerpt }}</span>
          <span class="book-order" role="gridcell"><span class="book-label" aria-hidden="true">{{ labels.order_short }}</span>{{ row.order }}</span>
          <span class="book-place" role="gridcell">{{ places[row.place] }}</span>
          <span class="book-tokens" role="gridcell">{{ row.tokens }}<span class="book-label" aria-hidden="true">{{ labels.tokens_short }}</span></span>
        </div>
        <div v-if="drag.to >= 0" class="book-gap" :style="{ transform: 'translateY(' + drag.to * view.height + 'px)' }"></div>
      </div>
    </div></div>`,
  setup: () => ({
    columns: COLUMNS,
    view: reactive(new RowWindow()),
    leaving: new AbortController(), // removes the listeners
    frame: 0,
  }),
  data() {
    return {
      current: 0, // id of the row whose controls are in the tab order
      said: "",
      drag: new RowDrag(),
    };
  },
  computed: {
    all() {
      return this.rows.length > 0 && this.chosen.size === this.rows.length;
    },
    /** @returns {Map<number, number>} */
    placeOf() {
      return new Map(this.rows.map((row, place) => [row.id, place]));
    },
    /** The index of the row in the tab order. It is rendered even out of sight, so that the focus is not lost. */
    at() {
      return this.placeOf.get(this.current) ?? 0;
    },
    shown() {
      const { first, last } = this.view;
      const places = Array.from({ length: Math.max(0, last - first + 1) }, (_, each) => first + each);
      if (this.at < first || this.at > last) places.push(this.at);
      return places.filter((at) => at < this.rows.length).map((at) => ({ row: this.rows[at], at }));
    },
  },
  watch: {
    rows: {
      flush: "post",
      handler() {
        this.look();
      },
    },
  },
  mounted() {
    const options = { signal: this.leaving.signal, passive: true };
    const soon = () => {
      cancelAnimationFrame(this.frame);
      this.frame = requestAnimationFrame(this.look);
    };
    addEventListener("scroll", soon, options);
    const watching = new ResizeObserver(soon);
    watching.observe(this.$el);
    this.leaving.signal.addEventListener("abort", () => watching.disconnect());
    this.look();
  },
  beforeUnmount() {
    this.leaving.abort();
    cancelAnimationFrame(this.frame);
  },
  methods: {
    look() {
      this.view.look(this.$refs.space, this.rows.length);
    },
    /** @param {BookRow} row */
    name(row) {
      return row.keys || row.title || this.labels.nameless;
    },
    /** The row's name for screen readers: several rows may have the same keys. @param {BookRow} row */
    told(row) {
      return row.title || this.name(row);
    },
    /** @param {BookRow} row */
    tabindex(row) {
      return row.id === this.rows[this.at]?.id ? 0 : -1;
    },
    /** @param {On<FocusEvent>} event */
    arrive({ target }) {
      const row = /** @type {HTMLElement | null} */ (target.closest("[data-id]"));
      if (row) this.current = Number(row.dataset.id);
    },
    /** @param {number} id @param {On<MouseEvent, HTMLInputElement>} event */
    choose(id, event) {
      const chosen = new Set(this.chosen);
      if (event.target.checked) chosen.add(id);
      else chosen.delete(id);
      this.$emit("choose", [...chosen]);
    },
    chooseAll() {
      this.$emit("choose", this.all ? [] : this.rows.map(({ id }) => id));
    },
    /** @param {On<KeyboardEvent>} event */
    press(event) {
      const here = this.placeOf.get(Number(/** @type {HTMLElement | null} */ (event.target.closest("[data-id]"))?.dataset.id));
      if (here === undefined) return;
      const page = Math.max(1, Math.floor(innerHeight / this.view.height) - 2);
      const steps = /** @type {Record<string, number>} */ ({ ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page, Home: 0, End: this.rows.length - 1 });
      const to = steps[event.key];
      if (to === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      const there = Math.min(Math.max(to, 0), this.rows.length - 1);
      if (event.altKey) this.carry(here, there);
      else this.go(there, event.target);
    },
    /** Moves the focus to the same control of another row. @param {number} place @param {HTMLElement} control */
    async go(place, control) {
      const column = control.closest("[role=gridcell]")?.className ?? "book-keys";
      await this.focus(this.rows[place].id, column);
    },
    /** @param {number} id */
    async focus(id, column = "book-keys") {
      this.current = id;
      await this.$nextTick();
      const control = /** @type {HTMLElement | null} */ (this.$refs.space.querySelector(`[data-id="${id}"] .${column} :is(button, input)`));
      control?.focus({ preventScroll: true });
      control?.closest("[role=row]")?.scrollIntoView({ block: "nearest" });
    },
    /** @param {number} here @param {number} there */
    carry(here, there) {
      if (this.movable && here !== there) this.move(this.rows[here].id, there);
    },
    /** Moves a row up or down, for people who can neither drag nor use a keyboard. @param {number} id @param {number} by */
    step(id, by) {
      const here = this.placeOf.get(id);
      const to = (here ?? 0) + by;
      if (here !== undefined && to >= 0 && to < this.rows.length) this.move(id, to);
    },
    /** @param {number} id @param {PointerEvent} event */
    draw(id, event) {
      this.drag.begin(id, event, { placeAt: (y) => this.view.at(this.$refs.space, y, this.rows.length), drop: (to) => this.drop(id, to) });
    },
    /** Drops a row into a gap. Its own place becomes free, so the rows behind it move up. @param {number} id @param {number} gap */
    drop(id, gap) {
      const here = this.placeOf.get(id) ?? 0;
      const there = gap > here ? gap - 1 : gap;
      if (gap >= 0 && there !== here) this.move(id, there);
    },
    /** @param {number} id @param {number} to */
    async move(id, to) {
      this.$emit("move", { id, to });
      this.said = this.labels.moved.replace("{entry}", this.told(this.rows[this.placeOf.get(id) ?? 0])).replace("{place}", figure(to + 1)).replace("{all}", figure(this.rows.length));
      await this.$nextTick();
      await this.focus(id);
    },
  },
});
