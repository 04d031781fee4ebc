// Random cases of the ops whose windows slide: convolution and pooling, their gradients, windows as columns.
import { type Attrs, at, sizeOf } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { references } from "@stria/core/reference";
import { type Case, type Make, close, summed } from "./case.ts";
import type { Operand, Random } from "../random.ts";

interface Window {
  readonly spatial: number[];
  readonly kernel: number[];
  readonly stride: number[];
  readonly dilation: number[];
  readonly padding: [number, number][];
  readonly places: number[];
}

/** Windows that fit, over 1 to 3 axes. */
function windows(random: Random, most: number, rank = random.int(1, 3)): Window {
  const [kernel, stride, dilation] = [random.list(rank, 1, 3), random.list(rank, 1, 3), random.list(rank, 1, 2)];
  const padding = random.chance(0.3) ? kernel.map((): [number, number] => [0, 0]) : random.pairs(rank, most);
  const spatial = kernel.map((length, axis) => at(dilation, axis) * (length - 1) + 1 + random.int(0, 4));
  const places = spatial.map(
    (length, axis) =>
      Math.floor(
        (length +
          at(at(padding, axis), 0) +
          at(at(padding, axis), 1) -
          at(dilation, axis) * (at(kernel, axis) - 1) -
          1) /
          at(stride, axis),
      ) + 1,
  );
  return { spatial, kernel, stride, dilation, padding, places };
}

/** Windows whose padding is at most half the kernel's extent, so that every one sees an element. */
function poolWindows(random: Random): Window {
  const whole = windows(random, 0);
  const padding = whole.kernel.map((length, axis): [number, number] => {
    const half = Math.floor((at(whole.dilation, axis) * (length - 1) + 1) / 2);
    return length === 2 && at(whole.dilation, axis) === 2 ? [0, 0] : [random.int(0, half), random.int(0, half)];
  });
  const places = whole.spatial.map(
    (length, axis) =>
      Math.floor(
        (length +
          at(at(padding, axis), 0) +
          at(at(padding, axis), 1) -
          at(whole.dilation, axis) * (at(whole.kernel, axis) - 1) -
          1) /
          at(whole.stride, axis),
      ) + 1,
  );
  return { ...whole, padding, places };
}

const sliding = ({ stride, dilation, padding }: Window): Attrs => ({ stride, dilation, padding });
const pooling = (window: Window): Attrs => ({ ...sliding(window), kernel: window.kernel });

function convCase(random: Random, transposed: boolean): Case {
  const window = windows(random, transposed ? 0 : 3);
  const groups = random.pick([1, 1, 2, 3]);
  const [batch, inputs, outputs] = [random.int(1, 3), groups * random.int(1, 3), groups * random.int(1, 3)];
  const batches = random.chance(0.05) ? 0 : batch;
  if (!transposed)
    return {
      inputs: [
        random.operand([batches, inputs, ...window.spatial], "float32"),
        random.operand([outputs, inputs / groups, ...window.kernel], "float32"),
      ],
      attrs: { ...sliding(window), groups },
      tolerance: summed,
    };
  const outputPadding = random.list(window.kernel.length, 0, 3);
  const padding = window.spatial.map((length, axis): [number, number] => {
    const whole =
      (length - 1) * at(window.stride, axis) + at(window.dilation, axis) * (at(window.kernel, axis) - 1) + 1;
    return [random.int(0, Math.floor((whole - 1) / 2)), random.int(0, Math.floor((whole - 1) / 2))];
  });
  return {
    inputs: [
      random.operand([batches, inputs, ...window.spatial], "float32"),
      random.operand([inputs, outputs / groups, ...window.kernel], "float32"),
    ],
    attrs: { stride: window.stride, dilation: window.dilation, padding, groups, outputPadding },
    tolerance: summed,
  };
}

function weightGradientCase(random: Random): Case {
  const window = windows(random, 2);
  const groups = random.pick([1, 1, 2]);
  const [batch, inputs, outputs] = [random.int(1, 3), groups * random.int(1, 5), groups * random.int(1, 5)];
  return {
    inputs: [
      random.operand([batch, inputs, ...window.spatial], "float32"),
      random.operand([batch, outputs, ...window.places], "float32"),
    ],
    attrs: { ...sliding(window), groups, kernel: window.kernel },
    tolerance: summed,
  };
}

function poolCase(random: Random, special: number): Case {
  const window = poolWindows(random);
  const shape = [random.chance(0.05) ? 0 : random.int(1, 2), random.int(1, 3), ...window.spatial];
  const operand = random.operand(shape, "float32", { special });
  // Equal elements: the first has to win.
  if (random.chance(0.3)) for (const [index, value] of operand.data.entries()) operand.data[index] = Math.round(value);
  if (random.chance(0.1)) operand.data.fill(-Infinity);
  return { inputs: [operand], attrs: pooling(window), tolerance: close };
}

/** Values and the places that maxPool gives for some plane: for others the result is not specified. */
function indexed(random: Random, gather: boolean): Case {
  const window = poolWindows(random);
  const plane = random.operand([random.int(1, 2), random.int(1, 3), ...window.spatial], "float32");
  const indices = winners(plane, pooling(window));
  const values = random.operand(gather ? plane.shape : indices.shape, "float32");
  return {
    inputs: [values, indices],
    attrs: gather ? pooling(window) : { ...pooling(window), inputSize: window.spatial },
    tolerance: close,
  };
}

function winners({ shape, dtype, data }: Operand, attrs: Attrs): Operand {
  const op = at(Object.values(allOps), Object.keys(allOps).indexOf("maxPool"));
  const inputs = [{ shape, dtype }];
  const outputs = op.infer(inputs, attrs);
  const places = at(references.maxPool([data], { op, attrs, inputs, outputs }), 1);
  return { ...at(outputs, 1), data: places };
}

const foldCase: Make = (random) => {
  const window = windows(random, 2);
  const columns = random.int(1, 3) * sizeOf(window.kernel);
  return {
    inputs: [random.operand([random.int(1, 3), columns, sizeOf(window.places)], "float32")],
    attrs: { ...pooling(window), outputSize: window.spatial },
    tolerance: close,
  };
};

const windowed =
  (special: number): Make =>
  (random) => {
    const window = windows(random, 3);
    return {
      inputs: [random.operand([random.int(0, 2), random.int(1, 3), ...window.spatial], "float32", { special })],
      attrs: pooling(window),
      tolerance: close,
    };
  };

const avgPoolGradientCase: Make = (random) => {
  const tiled = random.chance(0.5);
  const window = tiled ? { ...windows(random, 0), dilation: [1, 1, 1], padding: [] } : windows(random, 2);
  const rank = window.kernel.length;
  if (!tiled)
    return {
      inputs: [random.operand([2, 3, ...window.places], "float32")],
      attrs: { ...pooling(window), inputSize: window.spatial },
      tolerance: close,
    };
  const places = random.list(rank, 1, 3);
  const attrs = {
    kernel: window.kernel,
    stride: window.kernel,
    dilation: window.kernel.map(() => 1),
    padding: window.kernel.map((): [number, number] => [0, 0]),
    inputSize: places.map((count, axis) => count * at(window.kernel, axis)),
  };
  return { inputs: [random.operand([2, 3, ...places], "float32")], attrs, tolerance: close };
};

export const windowCases: Readonly<Record<string, Make>> = {
  conv: (random) => convCase(random, false),
  convTranspose: (random) => convCase(random, true),
  convWeightGradient: weightGradientCase,
  maxPool: (random) => poolCase(random, random.pick([0, 0, 0.1])),
  maxPoolGradient: (random) => indexed(random, false),
  maxPoolGather: (random) => indexed(random, true),
  avgPool: windowed(0),
  avgPoolGradient: avgPoolGradientCase,
  unfold: windowed(0.05),
  fold: foldCase,
};
