"""Reload guard (script in the head): limits how often a page reloads by itself.

NiceGUI's page reloads when the server does not know it. Behind a proxy that sends a page and its socket to different
instances it would do so for ever. What a person reloads is neither counted nor stopped.
"""

from __future__ import annotations

import json

from domain.language import Texts

SCRIPT = """<script>(() => {
  const words = %s
  const most = 3 // by itself
  const within = 30_000 // ms: a load may take a while
  const pause = 30_000 // ms
  const [key, mark] = ["beseda:reloads", "beseda:reloading"]
  let [reloads, isOwn] = [[], false]
  try {
    isOwn = sessionStorage.getItem(mark) !== null
    sessionStorage.removeItem(mark)
    reloads = JSON.parse(sessionStorage.getItem(key)).filter((at) => Date.now() - at < within)
  } catch {} // none yet, or a browser that keeps nothing
  const isStopped = isOwn && reloads.length >= most

  const reload = () => location.reload()
  const count = () => {
    try {
      sessionStorage.setItem(key, JSON.stringify([...reloads, Date.now()]))
      sessionStorage.setItem(mark, "")
    } catch {} // it is full
  }
  const tell = () => {
    const box = document.createElement("div")
    box.className = "page-fault"
    box.setAttribute("role", "alert")
    const sentence = document.createElement("p")
    sentence.textContent = words.sentence
    const button = document.createElement("button")
    Object.assign(button, { type: "button", className: "button quiet", textContent: words.now })
    button.onclick = reload
    box.append(sentence, button)
    document.body.prepend(box)
  }
  if (isStopped) {
    addEventListener("DOMContentLoaded", tell)
    const again = () => isWriting() ? setTimeout(again, quiet) : reload()
    setTimeout(again, pause)
  }
  /** For the socket, once NiceGUI has made it and before it hears anything. */
  window.guardReloads = (socket) => {
    if (isStopped) return socket.disconnect()
    socket.on("connect_error", (error) => {
      if (error.message !== "Implicit handshake failed" && error.message !== "timeout") return
      if (isAwaited()) error.message = "put off" // NiceGUI, which hears of it next, reloads for those two alone
      else count()
    })
  }
  /** Whether something on the page would be lost, which reloads it itself later. */
  const isAwaited = () => !dispatchEvent(new CustomEvent("beseda:reload", { cancelable: true }))

  const quiet = 3_000 // ms after the last key
  const text = "textarea, input:not([type=checkbox], [type=radio])"
  const kept = "[type=search], .composer *, .editor *" // or not worth a word
  const fields = new Set()
  let typedAt = -Infinity
  addEventListener("input", ({ target }) => {
    typedAt = performance.now()
    if (target.matches?.(text) && !target.matches(kept)) fields.add(target)
  }, true)
  const isWriting = () => performance.now() - typedAt < quiet
    || [...fields].some((field) => field.isConnected && field.value)
  /** For a server that drains (ui/serving/drain.py): whether the page stays for now. */
  window.moveOn = () => {
    if (isWriting() || isAwaited()) return true
    setTimeout(reload)
    return false
  }
})()</script>"""


def reload_guard(_: Texts) -> str:
    sentence = _("This page has no connection: the server does not recognize it. It will try again in half a minute.")
    words = {"sentence": sentence, "now": _("Try now")}
    return SCRIPT % json.dumps(words, ensure_ascii=False).replace("<", r"\u003c")
