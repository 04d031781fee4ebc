// A random network as a graph: loss, logits, and the gradients of everything that it is given.
import {
  at,
  compile,
  fromHost,
  type Graph,
  mean,
  type Shape,
  sizeOf,
  softmaxCrossEntropy,
  type Tensor,
  type TypedArray,
  valueAndGrad,
  zeros,
} from "@stria/core";
import { Grower, type Kind } from "./grower.ts";
import { Random } from "./random.ts";

export interface RandomNetwork {
  readonly seed: number;
  readonly graph: Graph;
  /** What it is made of, for people. */
  readonly told: readonly string[];
  /** Numbers for the graph's inputs; another `draw`, other numbers. */
  values(draw: number): TypedArray[];
}

function inputShape(random: Random): number[] {
  const axes = random.pick([1, 2, 2, 2, 2, 2, 3]);
  const most = axes === 1 ? 30 : axes === 2 ? 12 : 6;
  return [
    random.integer(1, 3),
    random.pick([1, 1, 2, 3, 3, 4, 5, 7, 8, 16]),
    ...Array.from({ length: axes }, () => random.integer(1, most)),
  ];
}

function blank(shape: Shape): Tensor {
  return fromHost(new Float32Array(sizeOf(shape)), shape, "float32");
}

/** Grows the network of a seed; everything about it follows from that. It is traced on the default backend, which runs nothing. */
export function randomNetwork(seed: number): RandomNetwork {
  const random = new Random(seed);
  const shape = inputShape(random);
  const classes = random.integer(2, 11);
  const seedOfLayers = random.integer(0, 2 ** 30);
  const kinds: { kind: Kind; shape: Shape }[] = [];
  let told: readonly string[] = [];
  let labels: Shape = [];
  const logitsOf = (x: Tensor, take: (kind: Kind, shape: Shape) => Tensor): Tensor => {
    const grower = new Grower(new Random(seedOfLayers), take);
    const logits = grower.head(grower.body(x), classes);
    told = grower.told;
    return logits;
  };
  // Once to learn the shapes of the parameters, once with them.
  compile((x: Tensor): Tensor => {
    const logits = logitsOf(x, (kind, wanted) => {
      kinds.push({ kind, shape: wanted });
      return zeros(wanted);
    });
    labels = [at(logits.shape, 0), ...logits.shape.slice(2)];
    return logits;
  }).graph(blank(shape));
  const traced = compile((y: Tensor, all: readonly Tensor[]) => {
    const { value, grads } = valueAndGrad(([x, ...parameters]: readonly Tensor[]) => {
      let next = 0;
      if (!x) throw new RangeError("no input");
      return mean(
        softmaxCrossEntropy(
          logitsOf(x, () => at(parameters, next++)),
          y,
        ),
      );
    })(all);
    return [value, ...grads];
  }).graph(fromHost(new Int32Array(sizeOf(labels)), labels, "int32"), [
    blank(shape),
    ...kinds.map((one) => blank(one.shape)),
  ]);
  // Labels, the image, and then what a program may take for settled until it is written.
  const inputs = traced.inputs.map((input, index) => (index < 2 ? input : { ...input, role: "param" as const }));
  return {
    seed,
    graph: { ...traced, inputs },
    told: [`input [${shape.join()}], ${classes} classes`, ...told],
    values(draw) {
      const numbers = new Random(seed + 7919 * (draw + 1));
      const all = [{ kind: "input" as const, shape }, ...kinds];
      const drawn = all.map((one) => valuesOf(one.kind, one.shape, numbers));
      return [Int32Array.from({ length: sizeOf(labels) }, () => numbers.integer(0, classes - 1)), ...drawn];
    },
  };
}

/** Weights keep what flows through them about as large as it was; scales are positive. */
function valuesOf(kind: Kind | "input", shape: Shape, random: Random): Float32Array<ArrayBuffer> {
  const reach = Math.sqrt((6 * at(shape, 0)) / Math.max(1, sizeOf(shape)));
  const ranges = { input: [-1, 1], weight: [-reach, reach], scale: [0.5, 1.5], shift: [-0.5, 0.5] } as const;
  const [low, high] = ranges[kind];
  return Float32Array.from({ length: sizeOf(shape) }, () => random.between(low, high));
}
