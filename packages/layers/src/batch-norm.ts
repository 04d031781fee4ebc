// Batch normalisation (Ioffe & Szegedy 2015), with running statistics.
import {
  Parameter,
  ShapeError,
  State,
  type Tensor,
  add,
  batchNormEvaluation,
  batchNormTraining,
  cast,
  div,
  isTraining,
  mul,
  ones,
  showShape,
  sub,
  zeros,
} from "@stria/core";
import { channelsOf, checkEpsilon, checkFinite, checkSizes } from "./check.ts";
import { checkOptions } from "./check-options.ts";
import * as initialisers from "./initialisers.ts";
import { type LayerFactory, Module, inLayer, placeOf } from "./module.ts";

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Share of a new batch in the running statistics; null: the average of all batches so far. Default 0.1. */
  readonly momentum?: number | null;
  /** Whether the result is scaled by `weight` and shifted by `bias`. Default true. */
  readonly affine?: boolean;
  /** Whether running statistics are kept; without them evaluation uses the batch's too. Default true. */
  readonly trackRunningStatistics?: boolean;
}

/** What the batch normalisations of one, two and three axes have in common. */
export abstract class BatchNorm extends Module {
  readonly kind: string;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  // These three are keys of published state dicts, so they keep PyTorch's spelling.
  readonly running_mean: State | null;
  readonly running_var: State | null;
  readonly num_batches_tracked: State | null;
  readonly channels: number;
  readonly epsilon: number;
  /** Share of a new batch in the running statistics; null: the average of all batches so far. */
  momentum: number | null;
  readonly ranks: readonly number[];

  constructor(kind: string, ranks: readonly number[], channels: number, options: BatchNormOptions) {
    super();
    this.kind = kind;
    this.ranks = ranks;
    const { epsilon = 1e-5, momentum = 0.1, affine = true, trackRunningStatistics = true } = options;
    checkOptions(kind, options, { epsilon, momentum, affine, trackRunningStatistics });
    checkSizes(kind, { channels });
    checkEpsilon(kind, epsilon);
    if (momentum !== null) checkFinite(kind, { momentum });
    this.weight = affine ? new Parameter([channels], initialisers.ones) : null;
    this.bias = affine ? new Parameter([channels], initialisers.zeros) : null;
    this.running_mean = trackRunningStatistics ? new State([channels], initialisers.zeros) : null;
    this.running_var = trackRunningStatistics ? new State([channels], initialisers.ones) : null;
    this.num_batches_tracked = trackRunningStatistics ? new State([], () => new Int32Array(1), "int32") : null;
    this.channels = channels;
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, this.kind, () => {
      if (!this.ranks.includes(x.rank))
        throw new ShapeError(
          this.kind,
          `the input is ${showShape(x.shape)}`,
          `give ${this.ranks.join(" or ")} axes, [batch, channels, ...]`,
        );
      const weight = this.weight ?? ones([this.channels]);
      const bias = this.bias ?? zeros([this.channels]);
      const { running_mean: mean, running_var: variance, epsilon } = this;
      const learning = isTraining(this, placeOf(this, this.kind));
      if (!learning && mean && variance) return batchNormEvaluation(x, weight, bias, { mean, variance }, epsilon);
      const count = x.size / this.channels;
      if (count <= 1)
        throw new ShapeError(
          this.kind,
          `training on ${showShape(x.shape)} has one value a channel, which has no variance`,
          "use a larger batch, or evaluation mode for this layer",
        );
      const batch = batchNormTraining(x, weight, bias, epsilon);
      if (learning) this.#track(batch.mean, mul(batch.variance, count / (count - 1)));
      return batch.y;
    });
  }

  /** The running statistics as they are before any batch: mean 0, variance 1, none tracked; and the momentum from here on. */
  resetRunningStatistics(momentum: number | null = this.momentum): void {
    this.running_mean?.load(new Float32Array(this.channels));
    this.running_var?.load(new Float32Array(this.channels).fill(1));
    this.num_batches_tracked?.load(new Int32Array(1));
    this.momentum = momentum;
  }

  /** Moves the running statistics towards those of a batch; the variance that is kept is the unbiased one. */
  #track(mean: Tensor, variance: Tensor): void {
    const { running_mean: keptMean, running_var: keptVariance, num_batches_tracked: batches } = this;
    if (!keptMean || !keptVariance || !batches) return;
    const count = add(batches, 1);
    const share = this.momentum ?? div(1, cast(count, "float32"));
    for (const [kept, found] of [
      [keptMean, mean],
      [keptVariance, variance],
    ] as const)
      kept.set(add(kept, mul(sub(found, kept), share)));
    batches.set(count);
  }
}

/** Batch normalisation of [N, channels] or [N, channels, length]. Parameters and state as in {@link BatchNorm2d}. */
export class BatchNorm1d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super("BatchNorm1d", [2, 3], channels, options);
  }
}

/**
 * Batch normalisation of images [N, channels, H, W] (Ioffe & Szegedy 2015): (x - mean) / sqrt(variance + epsilon) * weight + bias, by the batch's
 * statistics in training, by the running ones in evaluation.
 *
 * Parameters: `weight`, `bias` [channels]; state: `running_mean`, `running_var` [channels], `num_batches_tracked`. As in PyTorch, the batch is
 * normalised by the biased variance, and the unbiased one is kept: kept + momentum (found - kept).
 * @throws ShapeError in training when a channel has one value only; ModeError when a gradient is taken without a mode.
 */
export class BatchNorm2d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super("BatchNorm2d", [4], channels, options);
  }
}

/** Batch normalisation of volumes [N, channels, D, H, W]. Parameters and state as in {@link BatchNorm2d}. */
export class BatchNorm3d extends BatchNorm {
  constructor(channels: number, options: BatchNormOptions = {}) {
    super("BatchNorm3d", [5], channels, options);
  }
}

/** A {@link BatchNorm1d} for `sequential`, which works its channels out. */
export function batchNorm1d(options: BatchNormOptions = {}): LayerFactory {
  return (input) => new BatchNorm1d(channelsOf(input), options);
}

/** A {@link BatchNorm2d} for `sequential`, which works its channels out. */
export function batchNorm2d(options: BatchNormOptions = {}): LayerFactory {
  return (input) => new BatchNorm2d(channelsOf(input), options);
}

/** A {@link BatchNorm3d} for `sequential`, which works its channels out. */
export function batchNorm3d(options: BatchNormOptions = {}): LayerFactory {
  return (input) => new BatchNorm3d(channelsOf(input), options);
}
