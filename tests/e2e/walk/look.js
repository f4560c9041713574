// What is wrong with the page as it stands: it scrolls sideways, something lies over a control or a text, a finger does
// not meet what it aims at. Put into every page by walker.py; answers with sentences, none if all is well.

(() => {
  const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, " +
    ["button", "link", "menuitem", "menuitemradio", "tab", "checkbox", "radio", "switch", "option", "combobox", "slider"]
      .map((role) => `[role=${role}]`).join(", ");
  const OVER = "dialog[open], .q-dialog .q-card, :popover-open, .q-menu, [role=menu], .q-drawer--mobile";
  const FINGER = 44; // px, both ways
  const NEAR = 0.75; // px lost to rounding
  const SAID = 60; // characters of what an element says

  /** @typedef {{ left: number; right: number; top: number; bottom: number }} Box */

  /** What the eye meets: the uppermost of what lies over the page, else the page. @returns {Element} */
  const uppermost = () => [...document.querySelectorAll(OVER)].filter((each) => isShown(each) && visible(each, each.getBoundingClientRect()).width > 1).at(-1) ?? document.body;

  /** @param {Element} element */
  function isShown(element) {
    if (element.closest("[inert]")) return false; // it is meant to be out of reach: a pointer goes through it
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })) return false;
    const { width, height } = element.getBoundingClientRect();
    return width > 1 && height > 1;
  }

  /** How it is found again. @param {Element} element */
  function name(element) {
    const classes = [...element.classList].slice(0, 3).map((each) => "." + each).join("");
    const said = element.getAttribute("aria-label") ?? element.textContent ?? "";
    return `<${element.localName}${element.id && "#" + element.id}${classes}> “${said.trim().replace(/\s+/g, " ").slice(0, SAID)}”`;
  }

  /** What is left of a box inside the window and inside whatever cuts it off. @param {Element} element @param {Box} box */
  function visible(element, box) {
    let { left, right, top, bottom } = box;
    /** @param {Box} other */
    const cut = (other) => {
      [left, top] = [Math.max(left, other.left), Math.max(top, other.top)];
      [right, bottom] = [Math.min(right, other.right), Math.min(bottom, other.bottom)];
    };
    cut({ left: 0, top: 0, right: document.documentElement.clientWidth, bottom: innerHeight });
    for (let each = element; each && each !== document.body; each = /** @type {Element} */ (each.parentElement)) {
      const style = getComputedStyle(each);
      if (style.overflow !== "visible" && style.display !== "inline") cut(each.getBoundingClientRect());
      if (style.position === "fixed") break;
    }
    return { left, right, top, bottom, width: right - left, height: bottom - top };
  }

  /** Where a control can be pressed: itself, and what is called its label. @param {Element} element */
  const areas = (element) => [element, element.closest("label, .q-radio, .q-checkbox, .q-toggle"), ...(/** @type {HTMLInputElement} */ (element).labels ?? [])]
    .filter((each) => each !== null);

  /** Whether the point belongs to the element. @param {Element} element @param {Element | null} at */
  const belongs = (element, at) => areas(element).some((each) => each.contains(at));

  /** Whether something between `top` and what it shares with `element` paints over the point.
   * @param {Element} top @param {Element} element @param {number} x @param {number} y */
  function paints(top, element, x, y) {
    for (let each = top; each && !each.contains(element); each = /** @type {Element} */ (each.parentElement)) {
      const { backgroundColor, backgroundImage } = getComputedStyle(each);
      if (backgroundImage !== "none" || !/transparent|, 0\)|\/ 0\)/.test(backgroundColor)) return true;
      if (each.matches("img, svg, canvas, input, textarea, select, progress")) return true;
    }
    return words(top).some(({ box }) => box.left < x && x < box.right && box.top < y && y < box.bottom);
  }

  /** The element's own words, not those of what is in it. @param {Element} element */
  function words(element) {
    const range = document.createRange();
    return [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue?.trim()).map((node) => {
      range.selectNodeContents(node);
      return { element, box: range.getClientRects()[0] };
    }).filter(({ box }) => box && box.width > 1 && box.height > 1);
  }

  /** What lies over the middle of the box, wherever it is scrolled to. @param {Element} element @param {() => Box | undefined} measure @param {boolean} isControl */
  function over(element, measure, isControl) {
    let found = "";
    for (const block of /** @type {(ScrollLogicalPosition | "")[]} */ (["", "center", "start", "end"])) {
      if (block) element.scrollIntoView({ block, inline: "nearest", behavior: "instant" });
      const box = measure();
      if (!box) return "";
      const seen = visible(element, box);
      if (seen.width < 2 || seen.height < 2) continue;
      const [x, y] = [(seen.left + seen.right) / 2, (seen.top + seen.bottom) / 2];
      const top = document.elementFromPoint(x, y);
      if (!top) continue;
      if (belongs(element, top) || top.contains(element)) return "";
      if (!isControl && !paints(top, element, x, y)) return "";
      found = name(top);
    }
    return found;
  }

  /** Shortened with three dots, or there for screen readers only. @param {Element} element */
  function isCutOnPurpose(element) {
    for (let each = element; each && each !== document.body; each = /** @type {Element} */ (each.parentElement)) {
      const { textOverflow, clipPath } = getComputedStyle(each);
      if (textOverflow === "ellipsis" || clipPath !== "none") return true;
    }
    return false;
  }

  /** Whether the window, or what it stands in, hides a part of it for good. @param {Element} element */
  function isCut(element) {
    if (isCutOnPurpose(element)) return false;
    const whole = () => visible(element, element.getBoundingClientRect()).width >= element.getBoundingClientRect().width - 1;
    if (whole()) return false;
    element.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
    return !whole();
  }

  /** A link in the middle of a sentence. @param {Element} element */
  const isInText = (element) => element.matches("a") && getComputedStyle(element).display === "inline" &&
    [...(element.parentElement?.childNodes ?? [])].some((node) => node.nodeType === Node.TEXT_NODE && /[\p{L}\p{N}]/u.test(node.nodeValue ?? ""));

  /** How far from the middle of the box the element is still met. @param {Element} element @param {Box} box @param {number} dx @param {number} dy */
  function reach(element, box, dx, dy) {
    const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
    let far = 0;
    while (far < FINGER && belongs(element, document.elementFromPoint(x + dx * (far + 1), y + dy * (far + 1)))) far += 1;
    return far;
  }

  /** Its size, if that is less than a finger's and nothing around it belongs to it. @param {Element} element */
  function isSmall(element) {
    const boxes = areas(element).map((each) => each.getBoundingClientRect());
    if (boxes.some(({ width, height }) => width >= FINGER - NEAR && height >= FINGER - NEAR)) return "";
    element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" }); // away from the window's edges
    const box = visible(element, element.getBoundingClientRect());
    if (box.width < 2 || box.height < 2) return ""; // for screen readers only
    const width = reach(element, box, -1, 0) + 1 + reach(element, box, 1, 0);
    const height = reach(element, box, 0, -1) + 1 + reach(element, box, 0, 1);
    return width < FINGER - NEAR * 2 || height < FINGER - NEAR * 2 ? `${width}×${height}` : "";
  }

  function sideways() {
    const page = document.documentElement;
    if (page.scrollWidth <= page.clientWidth + 1) return [];
    const wide = [...document.body.querySelectorAll("*")].filter((each) => isShown(each) && visible(each, each.getBoundingClientRect()).width > 0 && each.getBoundingClientRect().right > page.clientWidth + 1);
    return [`the page scrolls sideways by ${page.scrollWidth - page.clientWidth}: ${wide.slice(-3).map(name).join(", ")}`];
  }

  /** @param {Element} control @param {boolean} touch */
  function* faults(control, touch) {
    if (getComputedStyle(control).pointerEvents === "none") return; // for keys only
    const covered = over(control, () => control.getBoundingClientRect(), true);
    if (covered) return yield `covered: ${name(control)} by ${covered}`;
    if (isCut(control)) yield `cut off at the side: ${name(control)}`;
    const small = touch && !isInText(control) && isSmall(control);
    if (small) yield `small for a finger: ${name(control)} ${small}`;
  }

  window.whatIsSeen = () => (uppermost() === document.body ? document : uppermost());

  /** @param {boolean} touch */
  window.lookAround = (touch) => {
    const root = uppermost();
    const scrolled = [...document.querySelectorAll("*")].filter((each) => each.scrollTop || each.scrollLeft).map((each) => ({ each, top: each.scrollTop, left: each.scrollLeft }));
    const controls = [...root.querySelectorAll(CONTROLS)].filter((each) => isShown(each) && !each.matches(":disabled, .skip-link, [aria-hidden=true]"));
    const texts = [...root.querySelectorAll("*")].filter((each) => !each.matches("option, script, style") && isShown(each)).flatMap((each) => words(each).map((_, at) => ({ each, at })));
    const found = [
      ...sideways(),
      ...controls.flatMap((each) => [...faults(each, touch)]),
      ...texts.flatMap(({ each, at }) => {
        const covered = over(each, () => words(each)[at]?.box, false);
        return covered ? [`covered: text of ${name(each)} by ${covered}`] : [];
      }),
    ];
    window.scrollTo(0, 0);
    for (const { each, top, left } of scrolled) [each.scrollTop, each.scrollLeft] = [top, left];
    return [...new Set(found)];
  };
})();
