// Typed text: the part of a reply's HTML that has been typed. Existing nodes are kept, so that a selection in them
// survives; nodes that a browser's translator has put in their place are made anew.

const EMPTY = ["BR", "HR"]; // elements that have no content
const WHOLE = /(?!\p{Emoji})[\p{P}\s]$/u; // at the end of a text; some punctuation may become an emoji
let segmenter = /** @type {Intl.Segmenter | null | undefined} */ (undefined); // made for the first reply that is typed: it takes ms

/** Makes the children of `parent`, from number `at` on, equal to those of `body`, as far as `room` goes. */
/** @param {Node} parent @param {Node} body @param {{ left: number }} room in UTF-16 code units @param {number} at */
export function fill(parent, body, room, at = 0) {
  for (const wanted of body.childNodes) {
    if (room.left <= 0) break;
    if (parent.childNodes[at]?.nodeName !== wanted.nodeName) {
      cutOff(parent, at);
      parent.appendChild(wanted instanceof Text ? document.createTextNode("") : wanted.cloneNode(false));
    }
    const node = parent.childNodes[at++];
    if (node instanceof Text) room.left -= write(node, upTo(wanted.textContent ?? "", room.left));
    else fill(node, wanted, room);
    if (node instanceof Element && wanted instanceof Element) dress(node, wanted);
  }
  cutOff(parent, at);
}

/** Shows the finished text, in the typed nodes where they match. @param {HTMLElement} node @param {string} html */
export function settle(node, html) {
  const translates = /\btranslated-/.test(document.documentElement.className); // a translator reads new nodes only
  if (!node.firstChild || (translates && !isSelected(node))) {
    node.innerHTML = html;
    return;
  }
  const template = document.createElement("template");
  template.innerHTML = html;
  fill(node, template.content, { left: Infinity });
}

/** @param {Node} node */
function isSelected(node) {
  const selection = getSelection();
  return Boolean(selection && !selection.isCollapsed && selection.containsNode(node, true));
}

/** The element in which the text ends. @param {HTMLElement} node */
export function endOf(node) {
  let end = node;
  while (end.lastChild instanceof HTMLElement && !EMPTY.includes(end.lastChild.nodeName)) end = end.lastChild;
  return end;
}

/** The beginning of `text`, at least `count` code units of it, that does not end within a grapheme cluster. */
/** @param {string} text @param {number} count */
export function upTo(text, count) {
  if (count <= 0 || count >= text.length) return count <= 0 ? "" : text;
  const { index, length } = signAt(text, count - 1);
  return text.slice(0, index + length);
}

/** Length of a growing `text` without its last grapheme cluster, which may still grow: a flag, a family, an accent. */
/** Punctuation and blanks are complete. @param {string} text */
export function lengthForCertain(text) {
  if (!text || WHOLE.test(text)) return text.length;
  return signAt(text, text.length - 1).index;
}

/** The grapheme cluster, which readers see as one sign, at a position. @param {string} text @param {number} at */
function signAt(text, at) {
  segmenter ??= typeof Intl.Segmenter === "function" ? new Intl.Segmenter(undefined, { granularity: "grapheme" }) : null;
  if (segmenter) {
    const { index = at, segment = "" } = segmenter.segment(text).containing(at) ?? {};
    return { index, length: segment.length };
  }
  const index = /[\udc00-\udfff]/.test(text[at]) ? at - 1 : at;
  return { index, length: /[\ud800-\udbff]/.test(text[index]) ? 2 : 1 }; // old browsers: at least no half pair
}

/** Changes only what differs in a text: selections elsewhere survive. @param {Text} node @param {string} text */
function write(node, text) {
  const { data } = node;
  if (text.startsWith(data)) {
    if (text !== data) node.appendData(text.slice(data.length));
    return text.length;
  }
  const most = Math.min(data.length, text.length);
  let head = 0;
  while (head < most && data[head] === text[head]) head++;
  let tail = 0;
  while (tail < most - head && data.at(-1 - tail) === text.at(-1 - tail)) tail++;
  node.replaceData(head, data.length - head - tail, text.slice(head, text.length - tail));
  return text.length;
}

/** A link's address changes with every letter that is typed. @param {Element} node @param {Element} wanted */
function dress(node, wanted) {
  for (const { name, value } of wanted.attributes) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
}

/** @param {Node} parent @param {number} at */
function cutOff(parent, at) {
  while (parent.childNodes.length > at) parent.lastChild?.remove();
}
