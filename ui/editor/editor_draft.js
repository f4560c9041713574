// Autosave (draft): decides when typed text is previewed and saved on the server, and holds the state of saving.

const SHOW_AFTER = 350; // ms without a key press: the preview
const KEEP_AFTER = 1500; // ms without a key press: the draft
const ANSWER_WITHIN = 10000; // ms; without an answer, it reports that nothing was saved

export class Drafting {
  /** @param {"" | "draft"} state whether there was a draft @param {string} keptAt the time, as text */
  constructor(state, keptAt) {
    this.state = /** @type {"" | "draft" | "waiting" | "kept" | "failed"} */ (state);
    this.keptAt = keptAt;
    this.asked = 0;
    this.showing = 0;
    this.pausing = 0;
    this.waiting = 0;
  }
  /** A key was pressed. @param {() => void} show @param {() => void} keep */
  changed(show, keep) {
    if (this.state === "kept") this.state = ""; // the new text is not
    clearTimeout(this.showing);
    clearTimeout(this.pausing);
    this.showing = setTimeout(show, SHOW_AFTER);
    this.pausing = setTimeout(keep, KEEP_AFTER);
  }
  /** Returns the number of this save request; without an answer, `keep` is called again. @param {() => void} keep */
  ask(keep) {
    const asked = ++this.asked;
    this.state = "waiting";
    this.waiting = setTimeout(() => this.failed(asked, keep), ANSWER_WITHIN);
    return asked;
  }
  /** The server has saved it. Answers to earlier requests say nothing about what was typed since. */
  /** @param {number} asked @param {string} time */
  kept(asked, time) {
    if (asked !== this.asked) return;
    clearTimeout(this.waiting);
    Object.assign(this, { state: "kept", keptAt: time });
  }
  /** @param {number} asked @param {() => void} keep */
  failed(asked, keep) {
    if (asked !== this.asked) return;
    clearTimeout(this.waiting);
    this.state = "failed";
    this.pausing = setTimeout(keep, ANSWER_WITHIN);
  }
  /** Nothing has to be saved for now. */
  pause() {
    clearTimeout(this.pausing);
    clearTimeout(this.waiting);
  }
  end() {
    this.pause();
    clearTimeout(this.showing);
  }
  get isLost() {
    return this.state === "failed";
  }
  /** The state as text. @param {Labels} labels */
  word({ kept, keeping, not_kept }) {
    if (this.state === "kept") return kept.replace("{time}", this.keptAt);
    return this.state === "waiting" ? keeping : this.state === "failed" ? not_kept : "";
  }
}
