/** Clipboard: copies text; over plain http browsers only offer the old API. Returns whether it worked. */
export async function copy(/** @type {string} */ text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // not https, or refused
  }
  const box = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, className: "visually-hidden" });
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  focused?.focus({ preventScroll: true });
  return done;
}
