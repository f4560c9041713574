// Text box: what the composer and inline editing share.

export const PATIENCE = 10_000; // ms without an answer before the same text may be sent again (retry)

/** An id for a request (idempotency key), so that the server accepts it once however often it arrives. */
export const newId = () =>
  crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("-");

/** Makes a textarea as tall as its text, up to so many lines. @param {HTMLTextAreaElement} box @param {number} lines */
export function fit(box, lines) {
  const style = getComputedStyle(box);
  const most = lines * parseFloat(style.lineHeight) + parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
  box.style.height = "auto";
  box.style.overflowY = box.scrollHeight > most ? "auto" : "hidden";
  box.style.height = Math.min(box.scrollHeight, most) + "px";
}
