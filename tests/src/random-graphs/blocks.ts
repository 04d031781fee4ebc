// Blocks of a random network: shortcuts of several forms, branches, and layers that read all before them.
import { add, avgPool, concat, conv, maximum, minimum, mul, pad, relu, slice, sub, type Tensor } from "@stria/core";
import { depthwise, pointwise, square } from "./convolutions.ts";
import { activated } from "./elementwise.ts";
import { channelsOf, type Ground, ones, tell } from "./ground.ts";
import { normalised } from "./normalisation.ts";

/** Any two images as one of the channels and places of the second. */
function fitted(ground: Ground, x: Tensor, like: Tensor): Tensor {
  const channels = channelsOf(like);
  const narrow = slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((length, axis) => (axis < 2 ? length : Math.min(length, like.shape[axis] ?? length))),
  );
  if (ground.random.chance(0.5)) return conv(narrow, ground.take("weight", [channels, channelsOf(x), ...ones(x)]));
  // He et al. (2015), option A: channels of zeros.
  const fewer = slice(
    narrow,
    narrow.shape.map(() => 0),
    narrow.shape.map((length, axis) => (axis === 1 ? Math.min(length, channels) : length)),
  );
  return pad(
    fewer,
    fewer.shape.map((length, axis) => [0, axis === 1 ? channels - length : 0] as const),
  );
}

export function residual(ground: Ground, x: Tensor): Tensor {
  const { random } = ground;
  tell(ground, "residual block", x);
  const channels = random.chance(0.6) ? channelsOf(x) : random.integer(1, ground.widest);
  const inner = activated(ground, square(ground, random.chance(0.3) ? relu(normalised(ground, x)) : x));
  const outer = square(ground, inner, channels);
  const y = random.chance(0.5) ? normalised(ground, outer) : outer;
  const shortcut = channels === channelsOf(x) ? x : fitted(ground, x, y);
  return random.pick<() => Tensor>([
    () => relu(add(y, shortcut)),
    () => relu(add(y, shortcut)),
    () => relu(add(shortcut, y)),
    () => add(shortcut, y),
    () => relu(sub(shortcut, mul(y, 0.5))),
    () => maximum(y, shortcut),
    () => mul(add(add(shortcut, y), shortcut), 0.5),
    () => add(relu(y), shortcut),
  ])();
}

/** To more channels, each by itself, to few again: with a shortcut (Sandler et al., 2018). */
export function inverted(ground: Ground, x: Tensor): Tensor {
  tell(ground, "inverted residual block", x);
  const channels = channelsOf(x);
  const six = (y: Tensor): Tensor => minimum(relu(y), 6);
  const wide = six(normalised(ground, pointwise(ground, x, Math.min(ground.widest, 3 * channels), 1)));
  const each = six(normalised(ground, depthwise(ground, wide)));
  const y = pointwise(ground, each, channels, 1);
  return y.shape.join() === x.shape.join() ? add(x, y) : y;
}

export function branches(ground: Ground, x: Tensor): Tensor {
  const { random } = ground;
  tell(ground, "branches", x);
  const narrow = Math.ceil(ground.widest / 2);
  const made = Array.from({ length: random.integer(1, 3) }, () =>
    random.pick<() => Tensor>([
      () => activated(ground, square(ground, x, random.integer(1, narrow))),
      () => activated(ground, square(ground, x, random.integer(1, narrow))),
      () => relu(pointwise(ground, x, random.integer(1, narrow), 1)),
      () => avgPool(x, 3, { stride: 1, padding: 1 }),
    ])(),
  );
  return concat(random.chance(0.6) ? [x, ...made] : made, 1);
}

/** Each layer reads all that were before it, normalised (Huang et al., 2017). */
export function dense(ground: Ground, x: Tensor): Tensor {
  const { random } = ground;
  tell(ground, "dense block", x);
  const growth = random.integer(1, 6);
  let all = x;
  for (let count = random.integer(2, 4); count > 0; count--) {
    const y = square(ground, relu(normalised(ground, all)), growth);
    all = concat([all, y], 1);
  }
  return random.chance(0.7) ? relu(normalised(ground, all)) : all;
}
