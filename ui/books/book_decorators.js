// Book decorators: which fields of an entry a line such as `@@depth 2` at the top of its text decides, as in
// domain/books/decorators.py.

const LINE = /^(@@@?)([a-z_]+)(?:[ \t]+(.*))?$/i;
const NUMBER = /^[+-]?\d{1,15}(\.\d{1,15})?$/;
/** What a value must be like to be understood; of those not here anything is. */
const VALUES = /** @type {Record<string, RegExp>} */ ({
  ...{ depth: NUMBER, reverse_depth: NUMBER, scan_depth: NUMBER, activate_only_after: NUMBER, activate_only_every: NUMBER, is_greeting: NUMBER },
  ...{ role: /^(system|user|assistant)$/i, position: /^(before_desc|after_desc|personality|scenario)$/ },
  ...{ additional_keys: /[^\s,]/, exclude_keys: /[^\s,]/ },
});

/** The line that decides, by field. @param {string} content @param {string[]} known names of decorators @returns {Record<string, string>} */
export const decidedBy = (content, known) => {
  const said = /** @type {Record<string, string>} */ ({});
  let isUnderstood = true;
  for (const line of content.split("\n").map((each) => each.trim())) {
    const [, marks, written = "", value = ""] = LINE.exec(line) ?? [];
    if (!marks && line) break;
    if (!marks || (marks === "@@@" && isUnderstood)) continue;
    const name = written.toLowerCase();
    isUnderstood = known.includes(name) && (VALUES[name]?.test(value.trim()) ?? true);
    if (isUnderstood) said[name] ??= line;
  }
  const decided = { place: said.position ?? said.depth ?? said.reverse_depth, role: said.role, scan_depth: said.scan_depth, is_constant: said.activate ?? said.dont_activate };
  return Object.fromEntries(Object.entries(decided).filter(([, line]) => line));
};
