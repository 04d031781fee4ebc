// Group normalisation.
import { AttributeError, Parameter, type Tensor, at, reshape } from "@stria/core";
import { checkEpsilon, checkSizes } from "../check.ts";
import { checkOptions } from "../check-options.ts";
import * as initialisers from "../initialisers.ts";
import { Module, inLayer } from "../module.ts";
import { type NormOptions, scaleChannels, standardise } from "./statistics.ts";

function checkGroups(layer: string, channels: number, groups: number): void {
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    throw new AttributeError(
      layer,
      `${channels} channels do not divide into ${groups} groups`,
      "make them a multiple of groups",
    );
}

/**
 * Zero mean and unit variance over each of `groups` groups of neighbouring channels and all their places, for each example of x [N, C, ...];
 * then scaled by `weight` [C] and shifted by `bias` [C] (Wu & He 2018). One group is layer normalisation, C groups are instance normalisation.
 * @throws AttributeError when the channels do not divide into the groups.
 */
export function groupNorm(x: Tensor, groups: number, { weight, bias, epsilon = 1e-5 }: NormOptions = {}): Tensor {
  const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)];
  checkGroups("groupNorm", channels, groups);
  const members = (channels / groups) * x.shape.slice(2).reduce((product, length) => product * length, 1);
  const grouped = reshape(x, [batch, groups, members]);
  return scaleChannels(reshape(standardise(grouped, [2], epsilon), x.shape), weight, bias);
}

export interface GroupNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether the result is scaled by `weight` and shifted by `bias`. Default true. */
  readonly affine?: boolean;
}

/** {@link groupNorm} as a layer. Parameters: `weight` and `bias` [channels]. @throws AttributeError when the channels do not divide. */
export class GroupNorm extends Module {
  readonly groups: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly epsilon: number;

  constructor(groups: number, channels: number, options: GroupNormOptions = {}) {
    super();
    const { epsilon = 1e-5, affine = true } = options;
    checkOptions("GroupNorm", options, { epsilon, affine });
    checkSizes("GroupNorm", { groups, channels });
    checkGroups("GroupNorm", channels, groups);
    checkEpsilon("GroupNorm", epsilon);
    this.groups = groups;
    this.weight = affine ? new Parameter([channels], initialisers.ones) : null;
    this.bias = affine ? new Parameter([channels], initialisers.zeros) : null;
    this.epsilon = epsilon;
  }

  override forward(x: Tensor): Tensor {
    const { groups, weight, bias, epsilon } = this;
    return inLayer(this, "GroupNorm", () =>
      groupNorm(x, groups, { epsilon, ...(weight && { weight }), ...(bias && { bias }) }),
    );
  }
}
