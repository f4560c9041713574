// Screen reader announcements (live region): the end of each reply, once, and the result of a button.

import { nextTick } from "vue";

export class Speech {
  constructor() {
    this.spoken = "";
    this.announced = ""; // the last announcement: id, state and length of the reply
  }
  /** @param {ChatMessage} message */
  announce(message) {
    const mark = [message.id, message.state, message.length].join();
    if (message.state === "running" || mark === this.announced) return;
    this.announced = mark;
    const spaced = message.html.replace(/<br>|<\/(p|li|pre)>/g, "\n$&");
    const text = new DOMParser().parseFromString(spaced, "text/html").body.textContent;
    this.say([message.name, text, message.note].filter(Boolean).join("\n"));
  }
  /** @param {string} words */
  async say(words) {
    this.spoken = ""; // else a text repeated would be announced only once
    await nextTick();
    this.spoken = words;
  }
}
