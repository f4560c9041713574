// Browser storage: values kept in this browser, or in this tab only. It never throws: values that the browser refuses
// to keep, or to give back, are remembered until the page is left.

class Store {
  /** @param {() => Storage} storage asking for it is what a browser refuses first */
  constructor(storage) {
    this.storage = storage;
    this.memory = /** @type {Map<string, string>} */ (new Map()); // values that could not be kept
  }
  /** Null where there is nothing, or nothing of ours. @param {string} key */
  get(key) {
    try {
      return JSON.parse(this.memory.get(key) ?? this.storage().getItem(key) ?? "null");
    } catch {
      return null;
    }
  }
  /** @param {string} key @param {unknown} value */
  set(key, value) {
    const text = JSON.stringify(value);
    try {
      this.storage().setItem(key, text);
      this.memory.delete(key);
    } catch {
      this.memory.set(key, text);
    }
  }
  /** @param {string} key */
  remove(key) {
    this.memory.delete(key);
    try {
      this.storage().removeItem(key);
    } catch {
      // the browser keeps nothing
    }
  }
}

export const inThisBrowser = new Store(() => localStorage);
export const inThisTab = new Store(() => sessionStorage);
