// Handing an address on: by the phone's own ways, else by the clipboard.

/** "shared", "copied" or "" when neither could be done. */
export async function share(address, title) {
  const url = new URL(address, location.href).href;
  if (navigator.share && matchMedia("(pointer: coarse)").matches) {
    try {
      await navigator.share({ title, url });
      return "shared";
    } catch (refusal) {
      if (refusal.name === "AbortError") return "shared"; // the person thought better of it
    }
  }
  return (await copy(url)) ? "copied" : "";
}

/** Over plain http browsers only know the old way. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {} // not over https, or refused
  const box = Object.assign(document.createElement("textarea"), { value: text, readOnly: true, className: "visually-hidden" });
  const focused = document.activeElement;
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  focused?.focus({ preventScroll: true });
  return done;
}
