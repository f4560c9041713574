"""Head scripts: what every page runs before the framework's own script."""

from __future__ import annotations

import json

from domain.language import Texts
from ui.shell.fault_feed import FEED
from ui.shell.reload_guard import reload_guard
from ui.widgets import unsaved_text

STORAGE_SCRIPT = """<script>(() => {
  const inMemory = {
    getItem(key) { return Object.hasOwn(this, key) ? this[key] : null },
    setItem(key, value) { this[key] = String(value) },
    removeItem(key) { delete this[key] },
    clear() { Object.keys(this).forEach((key) => delete this[key]) },
  }
  for (const name of ["localStorage", "sessionStorage"]) {
    const kept = {}
    try {
      Object.assign(kept, window[name])
      window[name].setItem("beseda:probe", "")
      window[name].removeItem("beseda:probe")
    } catch {
      try {
        Object.defineProperty(window, name, { value: Object.assign(Object.create(inMemory), kept), configurable: true })
      } catch {} // a browser that guards its refusal: FAULT_SCRIPT tells what follows
    }
  }
})()</script>"""
"""Replaces storage that the browser refuses to provide: the framework's script would throw before the page begins. Our
own scripts use ui/widgets/browser_store.js.
"""
FAULT_SCRIPT = """<script>(() => {
  const words = %s
  const most = 3 // of a page; what fails once may fail with every letter typed
  const [number] = crypto.getRandomValues(new Uint32Array(1))
  const reference = number.toString(16).padStart(8, "0")
  let count = 0
  let cause = null
  const tell = () => {
    if (document.querySelector(".page-opening.too-old")) return
    const isWhite = !document.getElementById("app")?.childElementCount
    for (const each of document.querySelectorAll("#esm-fallback, .page-opening")) each.remove()
    document.querySelector(".page-fault")?.remove()
    const box = document.createElement("div")
    box.className = isWhite ? "page-fault whole" : "page-fault"
    box.setAttribute("role", "alert")
    const sentence = document.createElement("p")
    sentence.textContent = words.sentence.replace("{reference}", reference)
    const button = document.createElement("button")
    Object.assign(button, { type: "button", className: "button quiet", textContent: words.reload })
    button.onclick = () => location.reload()
    box.append(sentence, button)
    document.body.prepend(box)
  }
  window.reportFault = (error, where = "") => {
    console.error(error)
    if (++count > most) return
    const what = `${error} ${error?.stack ?? ""} ${where}`.slice(0, 2000)
    const body = JSON.stringify({ reference, what, page: location.pathname.slice(0, 300) })
    const headers = { "Content-Type": "application/json" }
    fetch(words.feed, { method: "POST", headers, body, keepalive: true }).catch(() => {})
    setTimeout(tell) // by then it is known what still stands
  }
  addEventListener("error", ({ error, message, target }) => {
    const isScript = target instanceof HTMLScriptElement
    if (message || isScript) cause ??= error ?? (message || `A script did not load: ${target.src}`)
  }, true)
  addEventListener("load", () => {
    const app = document.getElementById("app")
    if (app && !app.childElementCount) window.reportFault(cause ?? "The page did not begin.")
  })
})()</script>"""
"""Reports script errors: the page shows a sentence and a reference, in place of a blank page or above what still works,
and the server's log gets the cause.
"""
GUARD_SCRIPT = """
  app.config.errorHandler = (error, component, where) => (window.reportFault ?? console.error)(error, where)
  app.mixin({
    beforeCreate() {
      const options = this.$options
      const { data } = options
      if (!data || data.isGuarded) return
      options.data = function (...given) {
        try {
          return data.apply(this, given)
        } catch (error) {
          app.config.errorHandler(error, this, "data")
          return {}
        }
      }
      options.data.isGuarded = true
    },
  })
"""
"""Added to the framework's startup script, so that an error removes only the component that throws it. Vue passes every
error to the handler but those of `data`, which would end everything around the component, too.
"""
ZONE_SCRIPT = """<script>addEventListener("load", () => setTimeout(() => {
  try {
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone)
    document.cookie = `beseda_zone=${zone};path=/;max-age=31536000;samesite=lax`
  } catch {}
}, 500))</script>"""
"""Stores the reader's time zone, which only the browser knows, in a cookie: the server has it from the second page on.
Finding it out takes a browser ten milliseconds, so that happens once the page is loaded.
"""
ORDER_SCRIPT = """<script>(() => {
  let isDone = false
  Object.defineProperty(window, "did_handshake", {
    get: () => isDone || window.socket?.io.opts.query.implicit_handshake === true,
    set: (value) => { isDone = value },
  })
})()</script>"""
"""Keeps events from before the socket connects in order: the typed text, then the button. The framework delays each by
its own timer, and the first timer to fire wins. With this script it passes them to the socket at once, which keeps the
order; not so in a prefetched page, where the socket has to send the handshake first.
"""
TYPED_SCRIPT = """<script>(() => {
  let line
  const isTyped = ({ id, listener_id: listener }) => mounted_app.elements[id]?.events
    .some((each) => each.listener_id === listener && each.type.startsWith("update:"))
  Object.defineProperty(window, "socket", {
    get: () => line,
    set(socket) {
      line = socket
      window.guardReloads(socket)
      const emit = socket.emit
      socket.emit = function (name, event, ...more) {
        const [, before] = this.connected || name !== "event" ? [] : this.sendBuffer.at(-1)?.data ?? []
        if (before?.listener_id === event.listener_id && isTyped(event)) this.sendBuffer.pop()
        return emit.call(this, name, event, ...more)
      }
    },
  })
})()</script>"""
"""Keeps only the last of a field's events in the buffer of a socket that is down. A field sends its whole text at every
key, so a paragraph typed in a tunnel would arrive as hundreds of events at once, more than the rate limit allows.
"""
ONCE_SCRIPT = """<script>addEventListener("click", (event) => {
  if (event.detail < 2 || !event.target.closest("[type=submit], [data-once]")) return
  event.preventDefault()
  event.stopPropagation()
}, true)</script>"""
"""Makes a double click count once: no second letter, no second copy, no stop of what the first click started."""


def head_scripts(_: Texts) -> str:
    sentence = _(
        "Something on this page doesn't work. Please reload it. Reference for support: {reference}",
        reference="{reference}",
    )
    words = json.dumps({"sentence": sentence, "reload": _("Reload"), "feed": FEED})
    own = (FAULT_SCRIPT % words, ZONE_SCRIPT, ORDER_SCRIPT, TYPED_SCRIPT, ONCE_SCRIPT, unsaved_text.SCRIPT)
    return STORAGE_SCRIPT + reload_guard(_) + "".join(own)
