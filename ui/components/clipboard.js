/** Puts text on the clipboard; over plain http browsers only know the old way. Whether it is there. */
export async function copy(/** @type {string} */ text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // not over https, or refused
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
