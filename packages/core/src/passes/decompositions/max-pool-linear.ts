// The two linear maps of max pooling as sums over windows: which element of a window won is asked of its index.
import { at } from "../../tensor/aval.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { add } from "../../ops/add.ts";
import { equal } from "../../ops/equal.ts";
import { full } from "../../ops/full.ts";
import { iota } from "../../ops/iota.ts";
import { less } from "../../ops/less.ts";
import { lessEqual } from "../../ops/lessEqual.ts";
import { logicalAnd } from "../../ops/logicalAnd.ts";
import type { PoolAttrs } from "../../ops/maxPool.ts";
import type { MaxPoolGradientAttrs } from "../../ops/maxPoolGradient.ts";
import { mul } from "../../ops/mul.ts";
import { reshape } from "../../ops/reshape.ts";
import { sub } from "../../ops/sub.ts";
import { sum } from "../../ops/sum.ts";
import { fold, unfold } from "../../ops/unfold.ts";
import { where } from "../../ops/where.ts";
import { present } from "../../ops/support/elementwise.ts";

export function maxPoolGradientInFold(
  [dy, indices]: readonly Tensor[],
  attrs: MaxPoolGradientAttrs,
): readonly Tensor[] {
  const [cotangent, winners] = [present("maxPoolGradient", dy), present("maxPoolGradient", indices)];
  const won = wonBy(winners, attrs, attrs.inputSize);
  const [batch, channels] = [at(cotangent.shape, 0), at(cotangent.shape, 1)];
  const [taps, places] = [at(won.shape, 2), at(won.shape, 3)];
  const spread = where(won, reshape(cotangent, [batch, channels, 1, places]), 0);
  return [fold(reshape(spread, [batch, channels * taps, places]), { ...attrs, outputSize: attrs.inputSize })];
}

export function maxPoolGatherInUnfold([x, indices]: readonly Tensor[], attrs: PoolAttrs): readonly Tensor[] {
  const [values, winners] = [present("maxPoolGather", x), present("maxPoolGather", indices)];
  const won = wonBy(winners, attrs, values.shape.slice(2));
  const columns = reshape(unfold(values, attrs), won.shape);
  return [reshape(sum(where(won, columns, 0), 2), winners.shape)];
}

/** [N, C, taps, places], bool: whether that element of the window is the winner there. */
function wonBy(
  indices: Tensor,
  { kernel, stride, dilation, padding }: PoolAttrs,
  inputSize: readonly number[],
): Tensor {
  const places = indices.shape.slice(2);
  const window = [...kernel, ...places];
  // The row-major place in the input that each element of each window reads.
  let place = full(window, 0, "int32");
  for (const [axis, length] of inputSize.entries()) {
    const coordinate = sub(
      add(mul(iota(window, axis), at(dilation, axis)), mul(iota(window, kernel.length + axis), at(stride, axis))),
      at(padding, axis)[0],
    );
    const inside = logicalAnd(lessEqual(0, coordinate), less(coordinate, length));
    // Outside the input: -1, which no index equals, and which the next axes leave as it is.
    place = where(
      logicalAnd(inside, lessEqual(0, place)),
      add(mul(place, length), coordinate),
      full(window, -1, "int32"),
    );
  }
  const taps = kernel.reduce((product, length) => product * length, 1);
  const count = places.reduce((product, length) => product * length, 1);
  return equal(
    reshape(indices, [at(indices.shape, 0), at(indices.shape, 1), 1, count]),
    reshape(place, [1, 1, taps, count]),
  );
}
