// Which parameters training changes, chosen by patterns over their paths.
import { AttributeError, Parameter, cellPaths, pathPattern } from "@stria/core";

/** Paths of parameters or of layers, where `*` stands for any characters: `"features.*"`, `"*.bias"`, `"layer1"`. */
export type PathPatterns = string | readonly string[];

/** The parameters that the patterns name, by path. @throws AttributeError for a pattern that names none. */
function parametersAt(subject: string, model: object, patterns: PathPatterns): Map<string, Parameter> {
  const all = [...cellPaths(model)].flatMap(([path, cell]) =>
    cell instanceof Parameter ? [[path, cell] as const] : [],
  );
  const found = new Map<string, Parameter>();
  for (const pattern of typeof patterns === "string" ? [patterns] : patterns) {
    const [itself, inIt] = [pathPattern(pattern), pathPattern(`${pattern}.*`)];
    const matching = all.filter(([path]) => itself.test(path) || inIt.test(path));
    if (matching.length === 0) {
      const paths = all.map(([path]) => path);
      throw new AttributeError(
        subject,
        `no parameter matches "${pattern}"`,
        `the model has ${paths.slice(0, 8).join(", ") || "no parameters"}${paths.length > 8 ? ", ..." : ""}`,
      );
    }
    for (const [path, parameter] of matching) found.set(path, parameter);
  }
  return found;
}

function setTrainable(subject: string, model: object, patterns: PathPatterns, trainable: boolean): string[] {
  const found = parametersAt(subject, model, patterns);
  for (const parameter of found.values()) parameter.trainable = trainable;
  return [...found.keys()];
}

/**
 * Keeps parameters from being trained: they get no gradient, and no optimizer changes them. By default all. A training step that is in use takes note
 * at its next call; the optimizer keeps what it knew of them for when they are trained again. Running statistics are no parameters: batch
 * normalisation is frozen with `trainStep(..., { evaluate: ["features.*"] })`.
 * @returns the paths that match. @throws AttributeError for a pattern that matches none; nothing has changed then.
 * @example freeze(model, "features.*"); // all but the classifier
 */
export function freeze(model: object, patterns: PathPatterns = "*"): string[] {
  return setTrainable("freeze", model, patterns, false);
}

/** Lets parameters be trained again: the opposite of {@link freeze}. */
export function unfreeze(model: object, patterns: PathPatterns = "*"): string[] {
  return setTrainable("unfreeze", model, patterns, true);
}
