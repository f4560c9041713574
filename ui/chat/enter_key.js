// Enter key: from a keyboard it sends; from the keys on a touch screen it breaks the line, as the button there sends.

const coarse = matchMedia("(pointer: coarse)");
const COVERED = 0.8; // keys on the screen leave less than this part of the window

const seen = { width: 0, height: 0 }; // the window, before anything covered it

function isCovered() {
  if (innerWidth !== seen.width) Object.assign(seen, { width: innerWidth, height: 0 });
  seen.height = Math.max(seen.height, innerHeight);
  const { height, scale } = visualViewport ?? { height: innerHeight, scale: 1 };
  return height * scale < seen.height * COVERED;
}

if (coarse.matches) isCovered();

/** Keys on a screen stand for no key of a keyboard, so most browsers give them no code. @param {KeyboardEvent} event */
export function sends({ code, ctrlKey, metaKey, shiftKey }) {
  if (shiftKey) return false;
  return !coarse.matches || ctrlKey || metaKey || (Boolean(code) && code !== "Unidentified" && !isCovered());
}
