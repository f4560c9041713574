// @ts-nocheck: what it shares `this` with is not known here; to become a composable
// What keeps the typed safe: a draft at the server while typing, a question when leaving, a word that says how it stands.

import { defineComponent } from "vue";

const SHOW_AFTER = 350; // ms without a key: the preview
const KEEP_AFTER = 1500; // ms without a key: the draft
const ANSWER_WITHIN = 10000; // ms, else it is said that nothing was kept

export const Drafting = defineComponent({
  data() {
    return { called: this.saved.name, keeping: this.typed ? "draft" : "", keptAt: this.drafted_at };
  },
  computed: {
    dirty() {
      return !this.gone && JSON.stringify(this.fields) !== JSON.stringify(this.saved);
    },
    stateWord() {
      const { kept, keeping, not_kept } = this.labels;
      if (this.keeping === "kept") return kept.replace("{time}", this.keptAt);
      return { waiting: keeping, failed: not_kept }[this.keeping] ?? "";
    },
  },
  watch: {
    fields: {
      deep: true,
      handler() {
        clearTimeout(this.showing);
        clearTimeout(this.pausing);
        this.showing = setTimeout(this.show, SHOW_AFTER);
        this.pausing = setTimeout(this.keep, KEEP_AFTER);
      },
    },
  },
  created() {
    this.asked = 0;
  },
  mounted() {
    window.addEventListener("beforeunload", this.ask);
    this.show();
  },
  beforeUnmount() {
    window.removeEventListener("beforeunload", this.ask);
    for (const timer of [this.showing, this.pausing, this.waiting]) clearTimeout(timer);
  },
  methods: {
    show() {
      this.called = this.fields.name; // what portraits are drawn from: not anew with every letter
      this.$emit("show", { fields: this.fields });
    },
    keep() {
      clearTimeout(this.pausing);
      clearTimeout(this.waiting);
      if (this.left || this.saving) return;
      if (!this.dirty) return this.forget();
      this.keeping = "waiting";
      this.$emit("keep", { fields: this.fields, asked: ++this.asked });
      this.waiting = setTimeout(() => this.notKept(this.asked), ANSWER_WITHIN);
    },
    forget() {
      this.keeping = "";
      this.$emit("discard");
    },
    /** The server has it. Answers to an earlier question say nothing about what was typed since. */
    kept(asked, time) {
      if (asked !== this.asked) return;
      clearTimeout(this.waiting);
      Object.assign(this, { keeping: "kept", keptAt: time });
    },
    notKept(asked) {
      if (asked !== this.asked) return;
      clearTimeout(this.waiting);
      this.keeping = "failed";
      this.pausing = setTimeout(this.keep, ANSWER_WITHIN);
    },
    goBack() {
      this.fields = structuredClone(JSON.parse(JSON.stringify(this.saved)));
      Object.assign(this, { fromDraft: false, errors: {} });
      this.forget();
    },
    ask(event) {
      if (this.dirty && !this.left) event.preventDefault();
    },
    /** Saved: on to where it shows. */
    leave(address) {
      this.left = true;
      location.href = (window.path_prefix || "") + address;
    },
  },
});
