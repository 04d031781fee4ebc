// Functions that are layers too, under one name: of a tensor the result, without one a layer for a list of layers.
import { AttributeError, type Tensor, isTensor } from "@stria/core";
import { Identity } from "./activation.ts";
import type { Module } from "./module.ts";
import * as norms from "./norms/local-response-norm.ts";
import * as shuffles from "./shuffle.ts";
import * as exponential from "./activations/exponential.ts";
import * as piecewise from "./activations/piecewise.ts";
import * as plain from "./activations/plain-layers.ts";
import * as rectifiers from "./activations/rectifiers.ts";
import * as settable from "./activations/set-layers.ts";
import * as smooth from "./activations/smooth.ts";

/** A function of a tensor, which without a tensor makes the layer that applies it: `gelu(x)`, and `gelu()` in `sequential`. */
export interface FunctionAndLayer<Settings extends readonly unknown[], Layer extends Module> {
  (x: Tensor, ...settings: Settings): Tensor;
  (...settings: Settings): Layer;
}

/** No setting is a tensor, so that the first argument tells the two kinds of calls apart. */
function beginsWithTensor<Settings extends readonly unknown[]>(
  given: readonly [x: Tensor, ...settings: Settings] | Settings,
): given is readonly [x: Tensor, ...settings: Settings] {
  return isTensor(given[0]);
}

function both<Settings extends readonly unknown[], Layer extends Module>(
  f: (x: Tensor, ...settings: Settings) => Tensor,
  Layer: new (...settings: Settings) => Layer,
): FunctionAndLayer<Settings, Layer> {
  function call(x: Tensor, ...settings: Settings): Tensor;
  function call(...settings: Settings): Layer;
  function call(...given: readonly [x: Tensor, ...settings: Settings] | Settings): Tensor | Layer {
    if (Array.isArray(given[0]))
      throw new AttributeError(
        "sequential",
        "a function that makes a layer stands where the layer should",
        "call it: gelu() in place of gelu",
      );
    return beginsWithTensor<Settings>(given) ? f(...given) : new Layer(...given);
  }
  return call;
}

/** min(max(x, 0), 6) (Krizhevsky 2010); without a tensor a {@link ReLU6}. */
export const relu6: FunctionAndLayer<[], plain.ReLU6> = /* @__PURE__ */ both(rectifiers.relu6, plain.ReLU6);

/** relu(x) and relu(-x), one after the other along the channels (Shang et al. 2016); without a tensor a {@link CReLU}. */
export const crelu: FunctionAndLayer<[], plain.CReLU> = /* @__PURE__ */ both(rectifiers.crelu, plain.CReLU);

/** x above 0, else slope x (Maas, Hannun & Ng 2013), slope 0.01; without a tensor a {@link LeakyReLU}. */
export const leakyRelu: FunctionAndLayer<[slope?: number], settable.LeakyReLU> = /* @__PURE__ */ both(
  rectifiers.leakyRelu,
  settable.LeakyReLU,
);

/** The largest of each `pieces` neighbours along an axis (Goodfellow et al. 2013), by default the channels; without a tensor a {@link Maxout}. */
export const maxout: FunctionAndLayer<[pieces: number, axis?: number], settable.Maxout> = /* @__PURE__ */ both(
  rectifiers.maxout,
  settable.Maxout,
);

/** x above 0, else alpha (exp(x) - 1) (Clevert et al. 2016), alpha 1; without a tensor an {@link ELU}. */
export const elu: FunctionAndLayer<[alpha?: number], settable.ELU> = /* @__PURE__ */ both(
  exponential.elu,
  settable.ELU,
);

/** Self-normalising ELU (Klambauer et al. 2017); without a tensor a {@link SELU}. */
export const selu: FunctionAndLayer<[], plain.SELU> = /* @__PURE__ */ both(exponential.selu, plain.SELU);

/** x above 0, else alpha (exp(x / alpha) - 1) (Barron 2017), alpha 1; without a tensor a {@link CELU}. */
export const celu: FunctionAndLayer<[alpha?: number], settable.CELU> = /* @__PURE__ */ both(
  exponential.celu,
  settable.CELU,
);

/** x times the normal distribution function of x (Hendrycks & Gimpel 2016); without a tensor a {@link GELU}. */
export const gelu: FunctionAndLayer<[], plain.GELU> = /* @__PURE__ */ both(smooth.gelu, plain.GELU);

/** GELU by its hyperbolic tangent approximation; without a tensor a {@link GELUTanh}. */
export const geluTanh: FunctionAndLayer<[], plain.GELUTanh> = /* @__PURE__ */ both(smooth.geluTanh, plain.GELUTanh);

/** x sigmoid(x), also called swish (Ramachandran et al. 2017); without a tensor a {@link SiLU}. */
export const silu: FunctionAndLayer<[], plain.SiLU> = /* @__PURE__ */ both(smooth.silu, plain.SiLU);

/** x tanh(softplus(x)) (Misra 2019); without a tensor a {@link Mish}. */
export const mish: FunctionAndLayer<[], plain.Mish> = /* @__PURE__ */ both(smooth.mish, plain.Mish);

/** log(1 + exp(beta x)) / beta (Dugas et al. 2000); without a tensor a {@link Softplus}. */
export const softplus: FunctionAndLayer<[options?: smooth.SoftplusOptions], settable.Softplus> = /* @__PURE__ */ both(
  smooth.softplus,
  settable.Softplus,
);

/** log(sigmoid(x)), without loss of digits; without a tensor a {@link LogSigmoid}. */
export const logSigmoid: FunctionAndLayer<[], plain.LogSigmoid> = /* @__PURE__ */ both(
  smooth.logSigmoid,
  plain.LogSigmoid,
);

/** x / (1 + |x|); without a tensor a {@link Softsign}. */
export const softsign: FunctionAndLayer<[], plain.Softsign> = /* @__PURE__ */ both(smooth.softsign, plain.Softsign);

/** x relu6(x + 3) / 6 (Howard et al. 2019); without a tensor a {@link HardSwish}. */
export const hardSwish: FunctionAndLayer<[], plain.HardSwish> = /* @__PURE__ */ both(
  piecewise.hardSwish,
  plain.HardSwish,
);

/** relu6(x + 3) / 6; without a tensor a {@link HardSigmoid}. */
export const hardSigmoid: FunctionAndLayer<[], plain.HardSigmoid> = /* @__PURE__ */ both(
  piecewise.hardSigmoid,
  plain.HardSigmoid,
);

/** x between `low` and `high`, -1 and 1; without a tensor a {@link HardTanh}. */
export const hardTanh: FunctionAndLayer<[low?: number, high?: number], settable.HardTanh> = /* @__PURE__ */ both(
  piecewise.hardTanh,
  settable.HardTanh,
);

/** x, but 0 within `width` (0.5) of 0; without a tensor a {@link Hardshrink}. */
export const hardshrink: FunctionAndLayer<[width?: number], settable.Hardshrink> = /* @__PURE__ */ both(
  piecewise.hardshrink,
  settable.Hardshrink,
);

/** x moved towards 0 by `width` (0.5), 0 within it; without a tensor a {@link Softshrink}. */
export const softshrink: FunctionAndLayer<[width?: number], settable.Softshrink> = /* @__PURE__ */ both(
  piecewise.softshrink,
  settable.Softshrink,
);

/** x - tanh(x); without a tensor a {@link Tanhshrink}. */
export const tanhshrink: FunctionAndLayer<[], plain.Tanhshrink> = /* @__PURE__ */ both(
  piecewise.tanhshrink,
  plain.Tanhshrink,
);

/** x above `limit`, else `value`; without a tensor a {@link Threshold}. */
export const threshold: FunctionAndLayer<[limit: number, value: number], settable.Threshold> = /* @__PURE__ */ both(
  piecewise.threshold,
  settable.Threshold,
);

/** The first half times the sigmoid of the second (Dauphin et al. 2017), along an axis, by default the last; without a tensor a {@link GLU}. */
export const glu: FunctionAndLayer<[axis?: number], settable.GLU> = /* @__PURE__ */ both(piecewise.glu, settable.GLU);

/** Channels become places: [N, C factor^2, H, W] -> [N, C, H factor, W factor] (Shi et al. 2016); without a tensor a {@link PixelShuffle}. */
export const pixelShuffle: FunctionAndLayer<[factor: number], shuffles.PixelShuffle> = /* @__PURE__ */ both(
  shuffles.pixelShuffle,
  shuffles.PixelShuffle,
);

/** Places become channels, the inverse of {@link pixelShuffle}; without a tensor a {@link PixelUnshuffle}. */
export const pixelUnshuffle: FunctionAndLayer<[factor: number], shuffles.PixelUnshuffle> = /* @__PURE__ */ both(
  shuffles.pixelUnshuffle,
  shuffles.PixelUnshuffle,
);

/** The channels, read as a table of `groups` rows, by columns (Zhang et al. 2018); without a tensor a {@link ChannelShuffle}. */
export const channelShuffle: FunctionAndLayer<[groups: number], shuffles.ChannelShuffle> = /* @__PURE__ */ both(
  shuffles.channelShuffle,
  shuffles.ChannelShuffle,
);

/** Local response normalisation (Krizhevsky, Sutskever & Hinton 2012) over `size` channels; without a tensor a {@link LocalResponseNorm}. */
export const localResponseNorm: FunctionAndLayer<
  [size: number, options?: norms.LocalResponseNormOptions],
  norms.LocalResponseNorm
> = /* @__PURE__ */ both(norms.localResponseNorm, norms.LocalResponseNorm);

/** A {@link Softmax}, by default over the channels. */
export function softmax(axis = 1): settable.Softmax {
  return new settable.Softmax(axis);
}

/** A {@link LogSoftmax}, by default over the channels. */
export function logSoftmax(axis = 1): settable.LogSoftmax {
  return new settable.LogSoftmax(axis);
}

/** An {@link Identity}. */
export function identity(): Identity {
  return new Identity();
}
