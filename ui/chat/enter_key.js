// Enter key: on a keyboard it sends; on the keys of a touch screen it breaks the line, since there the button sends.

const coarse = matchMedia("(pointer: coarse)");
const COVERED = 0.8; // keys on the screen leave less than this share of the window's height

const seen = { width: 0, height: 0 }; // size of the window before anything covered it

function isCovered() {
  if (innerWidth !== seen.width) Object.assign(seen, { width: innerWidth, height: 0 });
  seen.height = Math.max(seen.height, innerHeight);
  const { height, scale } = visualViewport ?? { height: innerHeight, scale: 1 };
  return height * scale < seen.height * COVERED;
}

if (coarse.matches) isCovered();

/** Whether Enter sends. Most browsers give the keys on a screen no code. @param {KeyboardEvent} event */
export function sends({ code, ctrlKey, metaKey, shiftKey }) {
  if (shiftKey) return false;
  return !coarse.matches || ctrlKey || metaKey || (Boolean(code) && code !== "Unidentified" && !isCovered());
}
