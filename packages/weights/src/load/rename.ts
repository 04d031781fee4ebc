// How the keys of a file become paths of a model.
import { AttributeError, FormatError } from "@stria/core";

/**
 * Regular expressions and what replaces all their matches, in turn: `[["^module\\.", ""], ["\\.gamma$", ".weight"]]`; or a function of the key, which leaves a
 * tensor out by giving undefined.
 */
export type Renaming =
  | readonly (readonly [pattern: string | RegExp, replacement: string])[]
  | ((key: string) => string | undefined);

function expressionOf(pattern: string | RegExp): RegExp {
  if (pattern instanceof RegExp) return new RegExp(pattern.source, [...new Set(`${pattern.flags}g`)].join(""));
  try {
    return new RegExp(pattern, "gu");
  } catch (cause) {
    const options = { cause };
    throw new AttributeError(
      "rename",
      `${JSON.stringify(pattern)} is no regular expression`,
      "escape what is meant literally with a backslash",
      options,
    );
  }
}

/**
 * The path that each key becomes; those that are left out are missing.
 * @throws FormatError when two keys become the same path; AttributeError for a pattern that is no regular expression
 */
export function renamed(keys: Iterable<string>, renaming: Renaming, source: string): Map<string, string> {
  const rules =
    typeof renaming === "function"
      ? []
      : renaming.map(([pattern, replacement]) => [expressionOf(pattern), replacement] as const);
  const rename =
    typeof renaming === "function"
      ? renaming
      : (key: string): string =>
          rules.reduce((name, [expression, replacement]) => name.replace(expression, replacement), key);
  const paths = new Map<string, string>();
  const keysOf = new Map<string, string>();
  for (const key of keys) {
    const path = rename(key);
    if (path === undefined) continue;
    const other = keysOf.get(path);
    if (other !== undefined)
      throw new FormatError(
        source,
        `${JSON.stringify(other)} and ${JSON.stringify(key)} both become ${JSON.stringify(path)}`,
        "change rename so that each tensor has a place of its own",
      );
    keysOf.set(path, key);
    paths.set(key, path);
  }
  return paths;
}
