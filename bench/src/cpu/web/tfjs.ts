// tfjs on its WebAssembly device: NHWC, fused convolutions. Its fused.matMul with transposeB and a bias is wrong for large K and is not used.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { getThreadsCount, setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { numbers } from "../../numbers.ts";
import { readGraph } from "./files.ts";
import type { Library } from "./main.ts";
import { startThreaded } from "./tfjs-threads.ts";
import type { Layer, PeerGraph, PeerNode, Weights } from "./peer-graph.ts";

type Run = (inputs: readonly tf.Tensor[]) => tf.Tensor;
type Pads = [[number, number], [number, number], [number, number], [number, number]];
type Activation = "linear" | "relu" | "relu6";

function first(inputs: readonly tf.Tensor[]): tf.Tensor4D {
  const [x] = inputs;
  if (!x) throw new RangeError("no input");
  return x as tf.Tensor4D;
}

function weightsOf({ shape, data }: Weights, order: readonly number[] = [0]): tf.Tensor {
  const given = tf.tensor(data, [...shape]);
  if (order.length === 1) return given;
  const turned = tf.keep(tf.transpose(given, [...order]));
  given.dispose();
  return turned;
}

function pairOf([height = 1, width = 1]: readonly number[]): [number, number] {
  return [height, width];
}

/** As one number, which is all that fused convolutions take. */
function padOf(padding: readonly (readonly [number, number])[]): number {
  const [pad = 0, ...others] = padding.flat();
  if (others.some((other) => other !== pad)) throw new Error("padding that is not the same on all sides");
  return pad;
}

/** For poolings, which take one for each side. */
function padsOf([height = [0, 0], width = [0, 0]]: readonly (readonly [number, number])[]): Pads {
  return [[0, 0], [...height], [...width], [0, 0]];
}

/** [n, c, h, w] of a list by axis, as [n, h, w, c]. */
function channelsLast<T>([n, c, h, w]: readonly T[]): T[] {
  return [n, h, w, c].filter((item) => item !== undefined);
}

function convolution(layer: Layer & { op: "conv" }, activation: Activation): Run {
  const bias = layer.bias ? weightsOf(layer.bias) : undefined;
  const common = { strides: pairOf(layer.stride), pad: padOf(layer.padding), activation, ...(bias && { bias }) };
  if (layer.groups === 1) {
    const filter = weightsOf(layer.weight, [2, 3, 1, 0]) as tf.Tensor4D;
    return (inputs) => tf.fused.conv2d({ x: first(inputs), filter, ...common });
  }
  const filter = weightsOf(layer.weight, [2, 3, 0, 1]) as tf.Tensor4D;
  return (inputs) => tf.fused.depthwiseConv2d({ x: first(inputs), filter, ...common });
}

function rule({ layer, shape }: PeerNode, activation: Activation, wasFlat: boolean): Run {
  switch (layer.op) {
    case "conv":
      return convolution(layer, activation);
    case "convTranspose": {
      const filter = weightsOf(layer.weight, [2, 3, 1, 0]) as tf.Tensor4D;
      const bias = layer.bias ? weightsOf(layer.bias) : tf.scalar(0);
      const [n = 1, h = 1, w = 1, c = 1] = channelsLast(shape);
      return (inputs) =>
        tf.add(tf.conv2dTranspose(first(inputs), filter, [n, h, w, c], pairOf(layer.stride), "valid"), bias);
    }
    case "affine": {
      const [scale, shift] = [weightsOf(layer.scale), weightsOf(layer.shift)];
      return (inputs) => tf.add(tf.mul(first(inputs), scale), shift);
    }
    case "dense": {
      const weight = weightsOf(layer.weight, [1, 0]) as tf.Tensor2D;
      const bias = layer.bias ? weightsOf(layer.bias) : undefined;
      return (inputs) => {
        const y = tf.matMul(first(inputs), weight);
        return bias ? tf.add(y, bias) : y;
      };
    }
    case "matmul":
      return ([a, b]) => tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
    case "maxPool":
    case "avgPool": {
      const pool = layer.op === "maxPool" ? tf.maxPool : tf.avgPool;
      return (inputs) => pool(first(inputs), pairOf(layer.kernel), pairOf(layer.stride), padsOf(layer.padding));
    }
    case "mean":
      return (inputs) => tf.mean(first(inputs), [1, 2], layer.keepDims);
    case "clip":
      return (inputs) =>
        layer.low === 0 && layer.high === 6
          ? tf.relu6(first(inputs))
          : tf.clipByValue(first(inputs), layer.low, layer.high);
    case "concat":
      return (inputs) => tf.concat(inputs as tf.Tensor4D[], wasFlat ? 1 : 3);
    case "flatten":
      return (inputs) => {
        const x = first(inputs);
        const places = (x.shape[1] ?? 1) * (x.shape[2] ?? 1);
        return tf.reshape(places === 1 || x.rank < 4 ? x : tf.transpose(x, [0, 3, 1, 2]), [...shape]);
      };
    case "slice": {
      const [start, size, stride] = [layer.start, layer.size, layer.stride].map(channelsLast) as [
        number[],
        number[],
        number[],
      ];
      const end = start.map((from, axis) => from + ((size[axis] ?? 1) - 1) * (stride[axis] ?? 1) + 1);
      return (inputs) => tf.stridedSlice(first(inputs), start, end, stride);
    }
    case "pad": {
      const pads = channelsLast(layer.padding).map(([before, after]): [number, number] => [before, after]);
      return (inputs) => tf.pad(first(inputs), pads);
    }
    case "relu":
      return (inputs) => tf.relu(first(inputs));
    case "softmax":
      return (inputs) => tf.softmax(first(inputs));
    case "add":
      return ([a, b]) => tf.add(a as tf.Tensor, b as tf.Tensor);
  }
}

/** The network as a function of its inputs; rectifiers right after a convolution are fused into it. */
function functionOf(graph: PeerGraph): Run {
  const readers = new Map<number, PeerNode[]>();
  for (const node of graph.nodes)
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node]);
  const ranks = new Map<number, number>(graph.inputs.map(({ value, shape }) => [value, shape.length]));
  const fused = new Map<number, number>();
  const steps = graph.nodes.flatMap((node) => {
    ranks.set(node.output, node.shape.length);
    if (fused.has(node.output)) return [];
    const reader =
      node.layer.op === "conv" && readers.get(node.output)?.length === 1 ? readers.get(node.output)?.[0] : undefined;
    const activation: Activation =
      reader?.layer.op === "relu"
        ? "relu"
        : reader?.layer.op === "clip" && reader.layer.low === 0 && reader.layer.high === 6
          ? "relu6"
          : "linear";
    const output = reader && activation !== "linear" ? reader.output : node.output;
    if (output !== node.output) fused.set(output, node.output);
    return [{ output, inputs: node.inputs, run: rule(node, activation, (ranks.get(node.inputs[0] ?? -1) ?? 4) < 4) }];
  });
  return (inputs) => {
    const values = new Map<number, tf.Tensor>();
    for (const [index, { value }] of graph.inputs.entries()) {
      const x = inputs[index];
      if (x) values.set(value, x);
    }
    for (const { output, inputs: names, run } of steps)
      values.set(
        output,
        run(
          names.map((name) => {
            const value = values.get(name);
            if (!value) throw new RangeError(`no value ${name}`);
            return value;
          }),
        ),
      );
    const result = values.get(graph.output);
    if (!result) throw new RangeError("no result");
    return result;
  };
}

/** The library with so many threads. */
export async function tfjsWasm(threads: number): Promise<Library> {
  const folder = dirname(createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm"));
  setWasmPaths(join(folder, "/"));
  setThreadsCount(threads);
  if (threads > 1) await startThreaded(threads);
  else await tf.setBackend("wasm");
  if (getThreadsCount() !== threads) throw new Error(`it has ${getThreadsCount()} threads instead of ${threads}`);
  return {
    async prepare(path) {
      const graph = await readGraph(path);
      tf.engine().startScope(); // one network at a time
      const run = functionOf(graph);
      const draw = numbers();
      const inputs = graph.inputs.map(({ shape }) => {
        const x = tf.tensor(
          draw(
            shape.reduce((all, length) => all * length, 1),
            1,
          ),
          [...shape],
        );
        return shape.length === 4 ? tf.transpose(x, [0, 2, 3, 1]) : x;
      });
      return {
        run: () => tf.tidy(() => void run(inputs)),
        async values() {
          const result = tf.tidy(() => {
            const y = run(inputs);
            return y.rank === 4 ? tf.transpose(y as tf.Tensor4D, [0, 3, 1, 2]) : y;
          });
          return [...(await result.data())].slice(0, 10);
        },
        release: () => tf.engine().endScope(),
      };
    },
  };
}
