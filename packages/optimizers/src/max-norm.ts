// A limit to the length of weight vectors, which is restored after every step.
import { AttributeError, div, minimum, mul, sqrt, square, sum } from "@stria/core";
import { type ParameterGroup, checkPatterns, testOf } from "./groups.ts";
import { type Optimizer, mapValues } from "./optimizer.ts";

/**
 * An optimizer after whose steps the weights of each output, a slice along the first axis of the parameters that are named, have the norm `limit` at
 * most: longer ones are scaled back to it (Hinton et al. 2012). Kim (2014) keeps the dense layer of his sentence classifier at 3.
 * @param parameters as in `withGroups`: paths, where `*` stands for any characters, or a test.
 * @throws AttributeError for a limit that is not above 0, and, when it is first used, for a pattern that matches no parameter.
 * @example withMaxNorm(adadelta(), 3, "fc.weight");
 */
export function withMaxNorm(optimizer: Optimizer, limit: number, parameters: ParameterGroup["parameters"]): Optimizer {
  if (!(limit > 0)) throw new AttributeError("withMaxNorm", `limit is ${limit}`, "use a number above 0");
  const isLimited = testOf({ parameters });
  return {
    ...optimizer,
    init(all) {
      checkPatterns("withMaxNorm", [{ parameters }], [...all.keys()]);
      return optimizer.init(all);
    },
    update(context) {
      const { parameters: next, state } = optimizer.update(context);
      const limited = mapValues(next, (value, path) => {
        if (!isLimited(path, value.aval)) return value;
        const axes = value.shape.map((_, axis) => axis).slice(1);
        const norm = sqrt(sum(square(value), axes, { keepDims: true }));
        return mul(value, minimum(div(limit, norm), 1)); // of a norm of 0, the least of infinity and 1
      });
      return { parameters: limited, state };
    },
  };
}
