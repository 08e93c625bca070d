// How the auditor says that something is wrong: where it stands, what it is, what was expected, what was found.

/**
 * The first difference of a run. `at` has any of `file`, `batch`, `list`, `entry`, `element`: entries count from 0
 * within their list, elements from 0 within the batch, as the header's own numbers do.
 */
export class Difference extends Error {
  constructor(at, what, expected, found) {
    const place = ["file", "batch", "list", "entry", "element"]
      .filter((key) => at[key] !== undefined)
      .map((key) => (key === "file" ? at.file : `${key} ${at[key]}`));
    super(`${place.join(", ")}: ${what}: expected ${expected}, found ${found}`);
    Object.assign(this, { at, what, expected: String(expected), found: String(found) });
  }
}

/** The run could not be audited at all: a file is missing or no file of its kind. */
export class CannotRun extends Error {}

/** Refuses unless `holds`; `expected` says the rule in words. */
export function need(at, holds, what, expected, found) {
  if (!holds) throw new Difference(at, what, expected, found);
}

/** Refuses unless both are the same. */
export function same(at, what, expected, found) {
  need(at, expected === found, what, expected, found);
}

/** Refuses unless `low <= found <= high`. */
export function inRange(at, what, low, high, found) {
  need(at, low <= found && found <= high, what, `${low} to ${high}`, found);
}
