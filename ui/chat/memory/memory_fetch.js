// Memory fetch: keeps the memory shown up to date, with at most one request a second, however often it changes.

const LEAST = 1000; // ms between two requests

export class Follower {
  /** @param {string} address @param {(told: any) => void} take gets the answer, or null if there was none */
  constructor(address, take) {
    this.address = address;
    this.take = take;
    this.asked = -LEAST; // time of the last request (ms)
    this.waiting = 0;
    this.questions = 0;
    this.missed = false; // whether a change was skipped while the page was hidden
    this.leaving = new AbortController(); // removes the listener
  }
  begin() {
    const seen = () => !document.hidden && this.missed && this.look();
    document.addEventListener("visibilitychange", seen, { signal: this.leaving.signal });
  }
  end() {
    this.leaving.abort();
    clearTimeout(this.waiting);
    this.questions++; // a pending answer is no longer wanted
  }
  /** Fetch it again, since it may have changed. `now`: at once, because the person changed it and is waiting. */
  look(now = false) {
    this.missed = document.hidden && !now;
    if (this.missed) return;
    clearTimeout(this.waiting);
    const wait = now ? 0 : this.asked + LEAST - performance.now();
    if (wait > 0) this.waiting = setTimeout(() => this.ask(), wait);
    else this.ask();
  }
  async ask() {
    this.asked = performance.now();
    const mine = ++this.questions;
    const told = await answer(this.address);
    if (mine === this.questions) this.take(told);
  }
}

/** The JSON at this address; null if there is no answer. @param {string} address */
export async function answer(address) {
  try {
    const told = await fetch((window.path_prefix || "") + address, { headers: { Accept: "application/json" } });
    if (told.status === 200) return await told.json();
  } catch {
    // no network, or no JSON: the caller reports it
  }
  return null;
}
