// Reconnection: when updates may have been missed: the socket or the network was down, or the tab was hidden.

const ABSENCE = 5000; // ms in the background after which updates may have been missed
const REPLAY = 300; // ms for NiceGUI to repeat what it could not deliver

/** Tells when the page has a connection: at once if it has one, then each time it is back. */
export class Returning {
  constructor() {
    this.back = () => {};
  }
  /** @param {() => void} back */
  begin(back) {
    this.back = back;
    if (window.socket?.connected) back();
    window.socket?.on("connect", back);
  }
  end() {
    window.socket?.off("connect", this.back);
  }
}

export class Absence {
  constructor() {
    this.over = (/** @type {number} */ _wait) => {};
    this.hidden = 0; // since when (ms)
    this.lost = false;
    this.leaving = new AbortController(); // removes the listeners
    this.lose = () => {
      this.lost = true;
    };
    this.find = () => {
      if (this.lost) this.over(REPLAY);
      this.lost = false;
    };
  }
  /** @param {(wait: number) => void} over called when it is over, with the ms to wait */
  begin(over) {
    this.over = over;
    const { signal } = this.leaving;
    window.addEventListener("online", () => this.over(0), { signal });
    document.addEventListener("visibilitychange", () => this.look(), { signal });
    window.socket?.on("disconnect", this.lose);
    window.socket?.on("connect", this.find);
  }
  look() {
    if (document.hidden) this.hidden = Date.now();
    else if (this.hidden && Date.now() - this.hidden >= ABSENCE) this.over(0);
  }
  end() {
    this.leaving.abort();
    window.socket?.off("disconnect", this.lose);
    window.socket?.off("connect", this.find);
  }
}
