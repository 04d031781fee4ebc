// Patterns over the paths of a model.

/** An expression for paths that match `pattern` as a whole, where `*` stands for any characters: `"layer1.*"`, `"*.bias"`. */
export function pathPattern(pattern: string): RegExp {
  const literal = pattern.replaceAll(/[\\^$.+?()[\]{}|]/g, String.raw`\$&`);
  return new RegExp(`^${literal.replaceAll("*", ".*")}$`);
}
