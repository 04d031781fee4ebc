// The policies that AutoAugment found (Cubuk et al. 2019), as torchvision has them.
import { cifar10Policy } from "./cifar10-policy.ts";
import { imageNetPolicy } from "./imagenet-policy.ts";
import type { Policy } from "./policy.ts";
import { svhnPolicy } from "./svhn-policy.ts";

/** By the data set that each was found for. */
export const autoAugmentPolicies: Readonly<Record<"imagenet" | "cifar10" | "svhn", Policy>> = {
  imagenet: imageNetPolicy,
  cifar10: cifar10Policy,
  svhn: svhnPolicy,
};
