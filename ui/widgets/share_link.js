// Sharing a link: by the system's share sheet (Web Share API), else by the clipboard.

import { copy } from "clipboard";

/** "shared", "copied", or "" when neither worked. @param {string} address @param {string} title */
export async function share(address, title) {
  const url = new URL(address, location.href).href;
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    try {
      await navigator.share({ title, url });
      return "shared";
    } catch (refusal) {
      if (refusal instanceof DOMException && refusal.name === "AbortError") return "shared"; // the person cancelled
    }
  }
  return (await copy(url)) ? "copied" : "";
}
