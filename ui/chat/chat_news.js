// Live updates: the server's events about a dialog's messages, applied to those in the page.

/** @typedef {InstanceOf<typeof import("chat_message").Message>} Shown */

/**
 * @typedef {{ kind: "put"; message: ChatMessage; own: boolean }
 *   | { kind: "end" | "mark"; message: ChatMessage }
 *   | { kind: "note"; id: number; text: string }
 *   | { kind: "grow"; id: number; first: number; blocks: string[]; length: number }} Event
 */

export class News {
  /** @param {import("chat_paging").Pages} pages @param {import("chat_speech").Speech} speech */
  constructor(pages, speech) {
    this.pages = pages;
    this.speech = speech;
    this.shown = /** @type {Map<number, Shown>} */ (new Map()); // the message components in the page, by id
    this.waiting = /** @type {Event[]} */ ([]); // events received while a history was being fetched
    this.open = /** @type {Map<number, string>} */ (new Map()); // the open block of each running reply, by id
  }
  /** The whole blocks of a growing reply. Of the first one only the new middle is sent: both ends are those of the */
  /** block that was open. @param {number} id @param {string[]} blocks @param {[number, number]} kept at its ends */
  whole(id, [told, ...others], [head, tail]) {
    const before = this.open.get(id) ?? "";
    const blocks = [before.slice(0, head) + told + before.slice(before.length - tail), ...others];
    this.open.set(id, blocks[blocks.length - 1]);
    return blocks;
  }
  /** @param {number} id @param {Shown | null} shown */
  remember(id, shown) {
    if (shown) this.shown.set(id, shown);
    else this.shown.delete(id);
  }
  /** Applies an event; false if something before it is missing, so that the history has to be fetched again. */
  /** @param {Event} event @param {boolean} late whether it waited for a history, which may be newer */
  fits(event, late) {
    const { messages, newer } = this.pages;
    const id = "message" in event ? event.message.id : event.id;
    const place = messages.findIndex((message) => message.id === id);
    if (place < 0) return event.kind === "note" || event.kind === "mark" || Boolean(newer);
    if (event.kind === "grow") return this.grow(messages[place], event);
    if (event.kind === "note") messages[place].note = event.text;
    else this.renew(place, event, late);
    return true;
  }
  /** @param {number} place @param {{ kind: string; message: ChatMessage }} event @param {boolean} late */
  renew(place, { kind, message }, late) {
    const known = this.pages.messages[place];
    const stale = late && message.state === "running" && known.state !== "running" && known.length > message.length;
    if (kind === "mark") message.memory = known.memory; // only a whole window has it
    if (!stale) this.pages.messages[place] = this.renewed(known, message);
    if (kind === "end" && message.role === "assistant") this.speech.announce(message); // it may arrive whole
  }
  /** The message to show for one already known (or not): a running one continues without a break. */
  /** @param {ChatMessage | undefined} known @param {ChatMessage} message */
  renewed(known, message) {
    if (known?.state !== "running") return message;
    if (message.state !== "running") {
      if (message.role === "assistant") this.speech.announce(message);
      return message;
    }
    const news = message.length > known.length ? message : null;
    const { blocks, length } = news ?? known;
    Object.assign(known, message, { blocks, length });
    if (news) this.shown.get(message.id)?.type(0, blocks);
    return known;
  }
  /** @param {ChatMessage} message @param {{ first: number; blocks: string[]; length: number }} piece */
  grow(message, { first, blocks, length }) {
    if (message.state !== "running") return true; // it has already ended
    if (length <= message.length) return true;
    if (first > Math.max(0, message.blocks.length - 1)) return false; // the end of an earlier block is missing
    message.length = length;
    message.blocks = [...message.blocks.slice(0, first), ...blocks];
    this.shown.get(message.id)?.type(first, blocks);
    return true;
  }
}
