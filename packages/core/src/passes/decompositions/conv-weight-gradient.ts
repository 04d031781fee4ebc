// The gradient of conv by its weight as a convolution: batch and channels, stride and dilation change places.
import { at } from "../../tensor/aval.ts";
import { applyOne } from "../../tensor/dispatch.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { convOp } from "../../ops/conv.ts";
import type { ConvWeightGradientAttrs } from "../../ops/convWeightGradient.ts";
import { zeros } from "../../ops/full.ts";
import { reshape } from "../../ops/reshape.ts";
import { slice } from "../../ops/slice.ts";
import { transpose } from "../../ops/transpose.ts";
import { present } from "../../ops/support/elementwise.ts";

export function convWeightGradientInConv(
  [input, cotangent]: readonly Tensor[],
  { stride, dilation, padding, groups, kernel }: ConvWeightGradientAttrs,
): readonly Tensor[] {
  const [x, dy] = [present("convWeightGradient", input), present("convWeightGradient", cotangent)];
  const [batch, channels, outputs] = [at(x.shape, 0), at(x.shape, 1), at(dy.shape, 1)];
  const [spatial, places] = [x.shape.slice(2), dy.shape.slice(2)];
  if (dy.size === 0) return [zeros([outputs, channels / groups, ...kernel])];
  const [perGroup, outputsPerGroup] = [channels / groups, outputs / groups];
  const tail = spatial.map((_, axis) => axis + 3);
  // [N, G C', ...] -> [C', G N, ...]: the batch is summed over, so it takes the channels' place, group by group.
  const images = reshape(transpose(reshape(x, [batch, groups, perGroup, ...spatial]), [2, 1, 0, ...tail]), [
    perGroup,
    groups * batch,
    ...spatial,
  ]);
  const kernels = reshape(transpose(reshape(dy, [batch, groups, outputsPerGroup, ...places]), [1, 2, 0, ...tail]), [
    groups * outputsPerGroup,
    batch,
    ...places,
  ]);
  const full = applyOne(convOp, [images, kernels], { stride: dilation, dilation: stride, padding, groups });
  // A stride that does not divide leaves places beyond the kernel: they are cut.
  const cut = slice(
    full,
    full.shape.map(() => 0),
    [perGroup, outputs, ...kernel],
  );
  return [transpose(cut, [1, 0, ...kernel.map((_, axis) => axis + 2)])];
}
