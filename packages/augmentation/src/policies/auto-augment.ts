// AutoAugment (Cubuk et al. 2019): pairs of operations that a search found to help.
import { AttributeError } from "@stria/core";
import type { Transform } from "../transform.ts";
import { operationsOf } from "./magnitudes.ts";
import { autoAugmentPolicies } from "./policies.ts";
import type { Policy } from "./policy.ts";
import {
  type Operations,
  type PolicyOptions,
  drawnOperation,
  oneOfList,
  operationsTransform,
} from "./policy-transform.ts";

export interface AutoAugmentOptions extends PolicyOptions {
  /** The data set that the policy was found for, or a policy of one's own. Default `"imagenet"`. */
  readonly policy?: keyof typeof autoAugmentPolicies | Policy;
}

const bins = 10;

/** @throws AttributeError for a policy that is none. */
function checked(policy: Policy): Policy {
  if (policy.length === 0) throw new AttributeError("autoAugment", "the policy is empty", "pass lists of steps");
  for (const [name, probability, bin = 0] of policy.flat()) {
    if (!operationsOf.autoAugment.includes(name))
      throw new AttributeError(
        "autoAugment",
        `there is no operation ${JSON.stringify(name)}`,
        `use one of ${operationsOf.autoAugment.join(", ")}`,
      );
    if (!(probability >= 0 && probability <= 1))
      throw new AttributeError("autoAugment", `probability is ${probability}`, "use a number from 0 to 1");
    if (!Number.isSafeInteger(bin) || bin < 0 || bin >= bins)
      throw new AttributeError("autoAugment", `the step is ${bin}`, `use a whole number from 0 to ${bins - 1}`);
  }
  return policy;
}

/** One of the policy's pairs, each operation of it with its own probability and strength. @throws AttributeError for a policy that is none */
export function autoAugment(options: AutoAugmentOptions = {}): Transform<Operations> {
  const { policy = "imagenet" } = options;
  if (typeof policy === "string" && !Object.hasOwn(autoAugmentPolicies, policy))
    throw new AttributeError(
      "autoAugment",
      `there is no policy ${JSON.stringify(policy)}`,
      `use "${Object.keys(autoAugmentPolicies).join('", "')}", or pass one`,
    );
  const steps = checked(typeof policy === "string" ? autoAugmentPolicies[policy] : policy);
  return operationsTransform(
    "autoAugment",
    (random, canvas) =>
      oneOfList(random, steps).flatMap(([name, probability, bin = 0]) => {
        const operation = drawnOperation(random, "autoAugment", name, bin, bins, canvas);
        return random.chance(probability) ? [operation] : [];
      }),
    options,
  );
}
