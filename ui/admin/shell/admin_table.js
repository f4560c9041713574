// Data table with pagination: the server sorts, filters and pages; the query is kept in the page's address.

import Rows from "admin_rows";
import { defineComponent } from "vue";

const PAUSE = 300; // ms after the last letter typed

/** @typedef {Record<string, string>} Asked the query in the address, by the names of the filters */

export default defineComponent({
  components: { Rows },
  props: { url: String, columns: /** @type {PropType<Column[]>} */ (Array), filters: /** @type {PropType<Filter[]>} */ (Array), fixed: Object, sort: String, labels: Object },
  template: `
    <section class="admin-list">
      <form v-if="filters.length" :class="['admin-filters', { folded: folded && firstFolded >= 0 }]" role="search" @submit.prevent="apply">
        <template v-for="(filter, place) in filters" :key="filter.name">
          <button v-if="place === firstFolded" type="button" class="small-button admin-unfold" :aria-expanded="String(!folded)" @click="folded = !folded">
            {{ labels.filters }}<span v-if="foldedNumber" class="filter-number">{{ foldedNumber }}</span></button>
          <label :class="['admin-filter', filter.kind, { moment: kindOf(filter) !== filter.kind }]">
            <span>{{ filter.label }}</span>
            <select v-if="filter.kind === 'select'" :value="asked[filter.name] ?? ''" @change="set(filter.name, $event.target.value)">
              <option v-for="[value, label] in filter.options" :key="value" :value="value">{{ label }}</option>
            </select>
            <input v-else :type="kindOf(filter)" :min="filter.kind === 'number' ? 1 : null" :value="asked[filter.name] ?? ''" :placeholder="filter.hint" maxlength="100" autocomplete="off"
              @input="typed(filter, $event.target.value)" @change="set(filter.name, $event.target.value)">
          </label>
        </template>
        <button v-if="isNarrowed" type="button" class="small-button" @click="widen">{{ labels.widen }}</button>
        <label v-if="sorts.length" class="admin-filter sorts">
          <span>{{ labels.sort }}</span>
          <select :value="sorted" @change="set('sort', $event.target.value)">
            <option v-for="[value, label] in sorts" :key="value" :value="value">{{ label }}</option>
          </select>
        </label>
      </form>
      <p class="admin-said" role="status">{{ said }}</p>
      <p v-if="failed" class="admin-failed" role="alert"><span>{{ failed }}</span>
        <button type="button" class="small-button" @click="load">{{ labels.retry }}</button></p>
      <Rows ref="rows" :columns="columns" :rows="rows" :caption="labels.caption" :empty="failed ? '' : isNarrowed ? labels.none : labels.empty"
        :sorted="sorted" :busy="busy" @sort="turn" />
      <nav v-if="next || asked.after" class="admin-pages" :aria-label="labels.pages">
        <button v-if="asked.after" type="button" class="small-button" @click="back">{{ trail.length ? labels.back : labels.first }}</button>
        <button v-if="next" type="button" class="small-button" @click="onward">{{ labels.next }}</button>
      </nav>
    </section>`,
  setup: () => ({
    prefix: "",
    pause: 0,
    asking: Symbol(), // identifies the request whose answer is awaited
    leaving: new AbortController(), // removes the listener
  }),
  data() {
    return { folded: true, asked: /** @type {Asked} */ ({}), trail: /** @type {string[]} */ ([]), rows: [], next: /** @type {string | null} */ (null), said: "", failed: "", busy: true };
  },
  computed: {
    sorted() {
      return this.asked.sort || this.sort;
    },
    isNarrowed() {
      return this.filters.some(({ name }) => this.asked[name]);
    },
    /** On a phone all filters but the search are behind a button, or the list would begin below the screen. */
    firstFolded() {
      const others = this.filters.filter(({ kind }) => kind !== "search");
      return others.length > 1 ? this.filters.indexOf(others[0]) : -1;
    },
    foldedNumber() {
      return this.filters.filter(({ name, kind }) => kind !== "search" && this.asked[name]).length;
    },
    /** For cards, which have no column headers. */
    sorts() {
      return this.columns
        .filter((column) => column.sort)
        .flatMap(({ sort, label }) => [[`-${sort}`, `${label} ▼`], [sort, `${label} ▲`]]);
    },
  },
  async mounted() {
    await this.$nextTick();
    this.prefix = window.path_prefix || "";
    window.addEventListener("popstate", () => this.read(), { signal: this.leaving.signal });
    this.read();
  },
  beforeUnmount() {
    this.leaving.abort();
    clearTimeout(this.pause);
  },
  methods: {
    /** A list reached from a number that counts some hours begins at an hour, not at a day. @param {Filter} filter */
    kindOf({ name, kind }) {
      return kind === "date" && this.asked[name]?.includes("T") ? "datetime-local" : kind;
    },
    /** The query in the page's address. */
    read() {
      const known = ["sort", "after", ...this.filters.map(({ name }) => name)];
      const given = new URLSearchParams(location.search);
      this.asked = Object.fromEntries(known.filter((name) => given.get(name)).map((name) => [name, given.get(name) ?? ""]));
      this.trail = history.state?.trail ?? [];
      this.load();
    },
    /** @param {Asked} asked @param {string[]} trail @param {"pushState" | "replaceState"} how */
    write(asked, trail, how = "pushState") {
      clearTimeout(this.pause);
      this.asked = Object.fromEntries(Object.entries(asked).filter(([, value]) => value));
      this.trail = trail;
      const query = new URLSearchParams(location.search);
      for (const name of ["sort", "after", ...this.filters.map(({ name }) => name)]) query.delete(name);
      for (const [name, value] of Object.entries(this.asked)) query.set(name, value);
      const shown = query.toString();
      history[how]({ ...history.state, trail: [...trail] }, "", location.pathname + (shown ? `?${shown}` : ""));
      this.load();
    },
    /** @param {string} name @param {string} value */
    set(name, value) {
      if ((this.asked[name] ?? "") === value.trim()) return;
      this.write({ ...this.asked, [name]: value.trim(), after: "" }, []);
    },
    /** @param {Filter} filter @param {string} value */
    typed(filter, value) {
      if (filter.kind !== "search") return;
      clearTimeout(this.pause);
      this.pause = setTimeout(() => this.set(filter.name, value), PAUSE);
    },
    /** @param {On<Event>} event */
    apply(event) {
      const field = /** @type {HTMLInputElement | null} */ (event.target.querySelector("input[type=search]"));
      const filter = this.filters.find(({ kind }) => kind === "search");
      if (field && filter) this.set(filter.name, field.value);
    },
    widen() {
      this.write({ sort: this.asked.sort }, []);
    },
    /** @param {Column} column */
    turn({ sort, number }) {
      const first = number ? `-${sort}` : sort; // numbers and moments start with the largest
      const other = number ? sort : `-${sort}`;
      this.write({ ...this.asked, sort: this.sorted === first ? other : first, after: "" }, []);
    },
    onward() {
      this.write({ ...this.asked, after: this.next ?? "" }, [...this.trail, this.asked.after ?? ""]);
      this.$el.scrollIntoView({ block: "start" });
    },
    back() {
      this.write({ ...this.asked, after: this.trail.at(-1) ?? "" }, this.trail.slice(0, -1));
      this.$el.scrollIntoView({ block: "start" });
    },
    /** Fetch the query; an answer overtaken by a newer query is dropped. */
    async load() {
      const asking = (this.asking = Symbol());
      this.busy = true;
      const query = new URLSearchParams({ ...this.asked, sort: this.sorted, ...this.fixed });
      const answer = await this.ask(query);
      if (asking !== this.asking) return;
      this.busy = false;
      this.failed = answer.error ?? "";
      if (answer.rows) Object.assign(this, { rows: answer.rows, next: answer.next, said: answer.said });
    },
    /** @param {URLSearchParams} query */
    async ask(query) {
      try {
        const answer = await fetch(`${this.prefix}${this.url}?${query}`, { headers: { Accept: "application/json" } });
        if (answer.status === 404) location.reload(); // the person is no longer an admin
        const body = await answer.json();
        return answer.ok ? body : { error: body.error || this.labels.failed };
      } catch {
        return { error: this.labels.failed };
      }
    },
  },
});
