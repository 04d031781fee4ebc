// Parts of a model, chosen by patterns over their paths.
import { AttributeError, namedModules, pathPattern } from "@stria/core";

/**
 * The modules of `model` whose paths match one of `patterns`, where `*` stands for any characters: `"layer1.*"`, `"*.bn1"`.
 * @throws AttributeError for a pattern that matches none.
 */
export function modulesMatching(model: object, patterns: readonly string[]): Set<object> {
  const modules = [...namedModules(model)];
  return new Set(
    patterns.flatMap((pattern) => {
      const expression = pathPattern(pattern);
      const found = modules.filter(([path]) => expression.test(path)).map(([, module]) => module);
      if (found.length === 0)
        throw new AttributeError(
          "trainStep",
          `no layer matches "${pattern}"`,
          `the model has ${modules
            .map(([path]) => path)
            .filter(Boolean)
            .slice(0, 8)
            .join(", ")}, ...`,
        );
      return found;
    }),
  );
}
