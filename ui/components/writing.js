// What the composer and the editing in place share.

export const PATIENCE = 10_000; // ms without an answer until the same words may be sent again

/** A name for what is sent, so that the server takes it once however often it comes. */
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
