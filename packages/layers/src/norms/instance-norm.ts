// Instance normalisation.
import {
  Parameter,
  ShapeError,
  State,
  type Tensor,
  add,
  at,
  batchNormEvaluation,
  isTraining,
  mean,
  mul,
  ones,
  showShape,
  sub,
  zeros,
} from "@stria/core";
import { spatialAxes } from "../axes.ts";
import { checkOptions } from "../check-options.ts";
import { channelsOf, checkEpsilon, checkFinite, checkSizes } from "../check.ts";
import * as initialisers from "../initialisers.ts";
import { type LayerFactory, Module, inLayer, placeOf } from "../module.ts";
import { type NormOptions, scaleChannels, standardise, variance } from "./statistics.ts";

/**
 * Zero mean and unit variance over the places of each channel of each example of x [N, C, ...]; then scaled by `weight` [C] and shifted
 * by `bias` [C] (Ulyanov, Vedaldi & Lempitsky 2016).
 */
export function instanceNorm(x: Tensor, { weight, bias, epsilon = 1e-5 }: NormOptions = {}): Tensor {
  return scaleChannels(standardise(x, spatialAxes(x.rank), epsilon), weight, bias);
}

export interface InstanceNormOptions {
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number;
  /** Share of a new batch in the running statistics. Default 0.1. */
  readonly momentum?: number;
  /** Whether the result is scaled by `weight` and shifted by `bias`. Default false, as in PyTorch. */
  readonly affine?: boolean;
  /** Whether running statistics are kept, and used in evaluation. Default false. */
  readonly trackRunningStatistics?: boolean;
}

abstract class InstanceNorm extends Module {
  readonly kind: string;
  readonly rank: number;
  readonly channels: number;
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  // These three are keys of published state dicts, so they keep PyTorch's spelling; as there, batches are not counted.
  readonly running_mean: State | null;
  readonly running_var: State | null;
  readonly num_batches_tracked: State | null;
  readonly epsilon: number;
  readonly momentum: number;

  constructor(kind: string, rank: number, channels: number, options: InstanceNormOptions) {
    super();
    const { epsilon = 1e-5, momentum = 0.1, affine = false, trackRunningStatistics = false } = options;
    checkOptions(kind, options, { epsilon, momentum, affine, trackRunningStatistics });
    checkSizes(kind, { channels });
    checkEpsilon(kind, epsilon);
    checkFinite(kind, { momentum });
    this.kind = kind;
    this.rank = rank;
    this.channels = channels;
    this.weight = affine ? new Parameter([channels], initialisers.ones) : null;
    this.bias = affine ? new Parameter([channels], initialisers.zeros) : null;
    this.running_mean = trackRunningStatistics ? new State([channels], initialisers.zeros) : null;
    this.running_var = trackRunningStatistics ? new State([channels], initialisers.ones) : null;
    this.num_batches_tracked = trackRunningStatistics ? new State([], () => new Int32Array(1), "int32") : null;
    this.epsilon = epsilon;
    this.momentum = momentum;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, this.kind, () => {
      if (x.rank !== this.rank || at(x.shape, 1) !== this.channels)
        throw new ShapeError(
          this.kind,
          `the input is ${showShape(x.shape)}`,
          `give ${this.rank} axes, [batch, ${this.channels} channels, ...]`,
        );
      const { weight, bias, epsilon, running_mean: keptMean, running_var: keptVariance } = this;
      const affine = { ...(weight && { weight }), ...(bias && { bias }) };
      if (keptMean && keptVariance) {
        if (!isTraining(this, placeOf(this, this.kind))) {
          const kept = { mean: keptMean, variance: keptVariance };
          return batchNormEvaluation(x, weight ?? ones([this.channels]), bias ?? zeros([this.channels]), kept, epsilon);
        }
        const places = spatialAxes(x.rank);
        this.#track(keptMean, mean(mean(x, places), 0));
        this.#track(keptVariance, mean(variance(x, places, 1), 0));
      }
      return instanceNorm(x, { epsilon, ...affine });
    });
  }

  /** Moves a running statistic towards what the batch has on average. */
  #track(kept: State, found: Tensor): void {
    kept.set(add(kept, mul(sub(found, kept), this.momentum)));
  }
}

/** {@link instanceNorm} of [N, channels, length]. Parameters and state as in {@link InstanceNorm2d}. */
export class InstanceNorm1d extends InstanceNorm {
  constructor(channels: number, options: InstanceNormOptions = {}) {
    super("InstanceNorm1d", 3, channels, options);
  }
}

/**
 * {@link instanceNorm} of images [N, channels, H, W]. With `affine` it has the parameters `weight` and `bias` [channels]; with
 * `trackRunningStatistics` the state `running_mean` and `running_var` [channels], which evaluation then uses.
 * @throws ShapeError for other inputs; with running statistics ModeError when a gradient is taken without a mode.
 */
export class InstanceNorm2d extends InstanceNorm {
  constructor(channels: number, options: InstanceNormOptions = {}) {
    super("InstanceNorm2d", 4, channels, options);
  }
}

/** {@link instanceNorm} of volumes [N, channels, D, H, W]. Parameters and state as in {@link InstanceNorm2d}. */
export class InstanceNorm3d extends InstanceNorm {
  constructor(channels: number, options: InstanceNormOptions = {}) {
    super("InstanceNorm3d", 5, channels, options);
  }
}

/** An {@link InstanceNorm1d} for `sequential`, which works its channels out. */
export function instanceNorm1d(options: InstanceNormOptions = {}): LayerFactory {
  return (input) => new InstanceNorm1d(channelsOf(input), options);
}

/** An {@link InstanceNorm2d} for `sequential`, which works its channels out. */
export function instanceNorm2d(options: InstanceNormOptions = {}): LayerFactory {
  return (input) => new InstanceNorm2d(channelsOf(input), options);
}

/** An {@link InstanceNorm3d} for `sequential`, which works its channels out. */
export function instanceNorm3d(options: InstanceNormOptions = {}): LayerFactory {
  return (input) => new InstanceNorm3d(channelsOf(input), options);
}
