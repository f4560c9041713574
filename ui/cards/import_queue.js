// Import queue: sends card files, two at a time, first for a preview and then to be kept. No file is lost.

import { newId } from "text_box";

const AT_ONCE = 2;
const LARGE = 10_000_000; // bytes: a file above this is sent alone
const OK = 200;
const NOT_NOW = [429, 503]; // rate limited, or no database: the answer says when to try again
const NO_LINE = [0, 502, 504]; // no network, or no server behind the proxy
const LOGGED_OUT = 401;
const NOT_YOU = [LOGGED_OUT, 403]; // logged out, read-only, or at the maximum number of characters
const LONGEST_PAUSE = 16; // seconds between two attempts without a connection
const MOST_BREAKS = 4; // lost connections of one file while others get through: then the file is at fault

export class ImportQueue {
  /** @param {Labels} labels @param {number} limit bytes of a file */
  constructor(labels, limit) {
    this.labels = labels;
    this.limit = limit;
    this.files = /** @type {CardInFile[]} */ ([]);
    this.sending = 0;
    this.numbers = 0;
    this.refusal = ""; // why no file is accepted
    this.isOut = false; // whether the person was logged out meanwhile
    this.held = ""; // why the files have to wait, and how long
    this.isHeld = false;
    this.holding = 0; // timer
    this.breaks = 0; // lost connections since the last answer
    this.isShut = false; // whether nothing is sent until the person asks again
  }
  /** @param {File[]} files */
  add(files) {
    for (const file of files) {
      const isTooLarge = file.size > this.limit;
      const fate = isTooLarge ? { state: "failed", sentence: this.labels.too_large } : { state: "waiting", sentence: "" };
      this.files.push(/** @type {CardInFile} */ ({
        ...{ id: ++this.numbers, key: newId(), file, name: file.name, progress: 0, breaks: 0, isSent: false, again: isTooLarge ? "" : "waiting" },
        ...{ report: null, gender: "", age_mark: "", turned: [], made: null, address: "", request: null },
        ...fate,
      }));
    }
    this.pump();
  }
  get unfinished() {
    return this.files.filter((each) => each.state !== "done" && !(each.state === "failed" && !each.again));
  }
  get retryable() {
    return this.files.filter((each) => each.state === "failed" && each.again);
  }
  get isBusy() {
    return this.files.some((each) => ["reading", "wanted", "keeping"].includes(each.state));
  }
  /** @param {string[]} states */
  count(...states) {
    return this.files.filter((each) => states.includes(each.state)).length;
  }
  /** Import these files, even before their preview has arrived. @param {CardInFile[]} files */
  want(files) {
    Object.assign(this, { refusal: "", isShut: false });
    for (const each of files) {
      if (["waiting", "ready"].includes(each.state)) each.state = "wanted";
      else if (each.state === "reading") each.again = "wanted"; // once it is read
    }
    this.pump();
  }
  /** @param {CardInFile[]} rows */
  retry(...rows) {
    for (const each of rows) Object.assign(each, { state: each.again, sentence: "", breaks: 0 });
    this.goOn();
  }
  /** Send without waiting for the timer. The note about the lost connection stays until there is one. */
  goOn() {
    clearTimeout(this.holding);
    Object.assign(this, { isHeld: false, held: this.breaks ? this.held : "", refusal: "", isShut: false });
    this.pump();
  }
  /** @param {CardInFile} row */
  leaveOut(row) {
    row.request?.abort();
    if (row.address) URL.revokeObjectURL(row.address);
    this.files = this.files.filter((each) => each.id !== row.id);
    this.pump();
  }
  empty() {
    clearTimeout(this.holding);
    this.isShut = true; // leaving a file out must not start the next one
    for (const each of [...this.files]) this.leaveOut(each);
    Object.assign(this, { held: "", isHeld: false, breaks: 0, refusal: "", isShut: false });
  }

  /** The next file in this state; a file that lost its connection lets the others go first. @param {string} state */
  next(state) {
    const rows = this.files.filter((each) => each.state === state);
    return rows.reduce((first, each) => (each.breaks < first.breaks ? each : first), rows[0]);
  }
  pump() {
    while (this.sending < AT_ONCE && !this.isHeld && !this.isShut) {
      const row = this.next("wanted") ?? this.next("waiting");
      const isAlone = this.files.some((each) => ["reading", "keeping"].includes(each.state) && each.file.size > LARGE);
      if (!row || isAlone || (this.sending && row.file.size > LARGE)) return;
      this.go(row);
    }
  }
  /** @param {CardInFile} row */
  async go(row) {
    const keeps = row.state === "wanted";
    Object.assign(row, { state: keeps ? "keeping" : "reading", again: keeps ? "wanted" : "waiting", progress: 0 });
    this.sending++;
    const answer = await this.send(row, keeps);
    this.sending--;
    if (this.files.some((each) => each.id === row.id)) this.take(row, keeps, answer);
    this.pump();
  }
  /** @param {CardInFile} row @param {boolean} keeps @param {CardAnswer} answer */
  take(row, keeps, { status, body, wait }) {
    if (NO_LINE.includes(status)) {
      row.isSent ||= keeps; // and perhaps kept
      return this.breakOff(row);
    }
    if (this.breaks) {
      this.breaks = 0;
      this.goOn();
    }
    if (status === OK && body.report) {
      const { gender, age_mark } = body.report;
      const [state, address] = [row.again === "wanted" ? "wanted" : "ready", body.report.is_picture ? URL.createObjectURL(row.file) : ""];
      Object.assign(row, { report: body.report, name: body.report.name, gender, age_mark, address, state });
    } else if (status === OK && body.made) {
      Object.assign(row, { state: "done", made: body.made, name: body.made.name });
    } else if (NOT_NOW.includes(status)) {
      row.state = row.again || "waiting";
      this.hold(body.error ?? this.labels.unsent, wait);
    } else if (NOT_YOU.includes(status)) {
      row.state = row.report ? "ready" : "waiting";
      this.isOut = status === LOGGED_OUT;
      this.refuse(body.error ?? this.labels.unsent, keeps);
    } else {
      Object.assign(row, { state: "failed", sentence: body.error ?? this.labels.unsent });
      if (status >= 400 && status < 500) row.again = ""; // it would be refused again
    }
  }
  /** Only the answer was lost: the file is sent again automatically, and kept once. All files wait for the connection.
   * @param {CardInFile} row */
  breakOff(row) {
    if (navigator.onLine && (!this.breaks || window.socket?.connected)) row.breaks++; // there is a connection
    if (row.breaks > MOST_BREAKS) Object.assign(row, { state: "failed", sentence: this.labels.unsent });
    else row.state = row.again || "waiting";
    if (this.isHeld) return; // the other file in flight was first
    this.hold(this.labels.offline, Math.min(2 ** this.breaks++, LONGEST_PAUSE));
  }
  /** @param {string} sentence @param {number} wait seconds */
  hold(sentence, wait) {
    Object.assign(this, { held: sentence, isHeld: true });
    clearTimeout(this.holding);
    this.holding = setTimeout(() => this.goOn(), wait * 1000);
  }
  /** No remaining file would be accepted, so all stay in the list. @param {string} sentence @param {boolean} keeps */
  refuse(sentence, keeps) {
    Object.assign(this, { refusal: sentence, isShut: !keeps });
    for (const each of this.files) if (each.state === "wanted") each.state = each.report ? "ready" : "waiting";
  }
  /** @param {CardInFile} row @param {boolean} keeps @returns {Promise<CardAnswer>} */
  send(row, keeps) {
    const prefix = window.path_prefix || "";
    const told = new URLSearchParams({ name: row.file.name });
    if (keeps) told.set("client_id", row.key);
    if (keeps && row.report?.gender) {
      told.set("gender", row.gender);
      told.set("age_mark", row.age_mark);
      if (row.turned.length) told.set("turned", row.turned.join());
    }
    return new Promise((resolve) => {
      const request = (row.request = new XMLHttpRequest()); // fetch cannot report upload progress
      request.open("POST", `${prefix}/feed/cards${keeps ? "" : "/preview"}?${told}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.responseType = "json";
      request.upload.onprogress = (event) => event.lengthComputable && (row.progress = event.loaded / event.total);
      request.onloadend = () => {
        const wait = Number(request.getResponseHeader("Retry-After")) || 10;
        resolve({ status: request.status, body: request.response ?? {}, wait });
      };
      request.send(row.file);
    });
  }
}
