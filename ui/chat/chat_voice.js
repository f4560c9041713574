// Reading aloud, by the browser's own voices: nothing leaves the machine that the browser does not send itself.

import { reactive } from "vue";

const SENTENCE = /[^.!?…\n]+[.!?…»"]*\s*/g; // browsers break off speech longer than some fifteen seconds

class Voice {
  constructor() {
    this.isThere = false;
    this.reading = 0; // the id of the message being read
  }
  begin() {
    const speech = window.speechSynthesis;
    if (!speech) return;
    this.isThere = speech.getVoices().length > 0;
    speech.addEventListener?.("voiceschanged", () => (this.isThere = speech.getVoices().length > 0));
    addEventListener("pagehide", () => speech.cancel());
  }
  /** Reads the message, or stops reading it. @param {number} id @param {string} text */
  toggle(id, text) {
    const speech = window.speechSynthesis;
    const stop = this.reading === id;
    speech.cancel();
    this.reading = stop ? 0 : id;
    if (stop) return;
    const lang = /[а-яё]/i.test(text) ? "ru" : document.documentElement.lang || "en";
    const voice = speech.getVoices().find((each) => each.lang.startsWith(lang)) ?? null;
    const parts = text.match(SENTENCE) ?? [text];
    parts.forEach((part, index) => {
      const words = Object.assign(new SpeechSynthesisUtterance(part), { lang, voice });
      if (index === parts.length - 1) words.onend = () => this.reading === id && (this.reading = 0);
      speech.speak(words);
    });
  }
}

/** The one voice of the page. */
export const voice = reactive(new Voice());
if (typeof document !== "undefined") voice.begin();
