// Memory fetch: what is remembered, as it is now; asked for at most once a second, however often it changes.

const LEAST = 1000; // ms between two questions

export class Follower {
  /** @param {string} address @param {(told: any) => void} take gets what was answered, null if nothing was */
  constructor(address, take) {
    this.address = address;
    this.take = take;
    this.asked = -LEAST; // when (ms)
    this.waiting = 0;
    this.questions = 0;
    this.missed = false; // while nobody looked
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
  /** It may have changed. `now`: the person has changed it, and waits. */
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

/** What is answered there; null if nothing is. @param {string} address */
export async function answer(address) {
  try {
    const told = await fetch((window.path_prefix || "") + address, { headers: { Accept: "application/json" } });
    if (told.status === 200) return await told.json();
  } catch {
    // no network, or no JSON: whoever asked says so
  }
  return null;
}
