// Gallery query in the address: the same parameters for the page and for the feed.

const SINGLE = /** @type {const} */ (["tab", "q", "sort", "gender", "language", "author"]);
const SEVERAL = /** @type {const} */ (["with", "without", "age"]);

export const EVERYBODY = /** @type {Question} */ ({ tab: "all", q: "", sort: "", gender: "", language: "", author: "", with: [], without: [], age: [] });

/**
 * The query in an address; `known` {tab: [...], sort, gender, age} are the valid values, others are ignored.
 * @param {string} search @param {Record<string, string[]>} known
 */
export function read(search, known) {
  const given = new URLSearchParams(search);
  const means = (/** @type {string} */ name) => (/** @type {string} */ value) => value && (!known[name] || known[name].includes(value));
  const question = { ...EVERYBODY };
  for (const name of SINGLE) {
    const value = given.get(name) ?? "";
    if (means(name)(value)) question[name] = value;
  }
  for (const name of SEVERAL) question[name] = [...new Set(given.getAll(name))].filter(means(name));
  return question;
}

/** "" or "?…": only what differs from the default. @param {Question} question */
export function write(question) {
  const said = new URLSearchParams();
  for (const name of SINGLE) if (question[name].trim() && question[name] !== EVERYBODY[name]) said.set(name, question[name]);
  for (const name of SEVERAL) for (const value of question[name]) said.append(name, value);
  return said.size ? `?${said}` : "";
}

/** How many of the filters are set; the search is visible anyway. */
export const filtersOf = (/** @type {Question} */ question) => SEVERAL.reduce((sum, name) => sum + question[name].length, ["gender", "language", "author"].filter((name) => !["", "any"].includes(question[/** @type {"gender"} */ (name)])).length);

/** The query without filters and search, in the same tab. */
export const unfiltered = (/** @type {Question} */ { tab, sort }) => ({ ...EVERYBODY, tab, sort });
