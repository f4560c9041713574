// Book rows: the entries as the table shows them. They are frozen, so that Vue does not watch thousands of objects.

/** The text as it is searched: case is ignored, and «ё» is the same as «е». */
/** @param {string} text */
export const foldedFor = (text) => text.trim().toLowerCase().replaceAll("ё", "е");

/** A number as the reader's language writes it. @param {number} number */
export const figure = (number) => number.toLocaleString(document.documentElement.lang || "ru");

/** @param {BookLine[]} lines @returns {readonly BookRow[]} */
export const rowsOf = (lines) =>
  Object.freeze(
    lines.map(([id, on, always, keys, title, excerpt, order, place, tokens, remark]) =>
      Object.freeze({ id, on, always, keys, title, excerpt, order, place, tokens, remark, sought: foldedFor(`${keys}\n${title}\n${excerpt}`) }),
    ),
  );
