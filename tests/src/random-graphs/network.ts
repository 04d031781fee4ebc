// A random network as a graph: the loss, and the gradients of everything that it is given or what an optimizer makes of them.
import {
  at,
  compile,
  fromHost,
  type Graph,
  type Shape,
  sizeOf,
  type Tensor,
  type TypedArray,
  valueAndGrad,
  zeros,
} from "@stria/core";
import type { Ground, Kind, Take } from "./ground.ts";
import { body, head, loss } from "./grower.ts";
import { Random } from "./random.ts";
import { drawUpdate, stateOf, type Update } from "./update.ts";

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
    random.chance(0.02) ? 0 : random.integer(1, 3),
    random.pick([1, 1, 2, 3, 3, 4, 5, 7, 8, 16]),
    ...Array.from({ length: axes }, () => random.integer(1, most)),
  ];
}

function blank(shape: Shape): Tensor {
  return fromHost(new Float32Array(sizeOf(shape)), shape, "float32");
}

/** New parameters, then new state. */
function updated(
  update: Update,
  parameters: readonly Tensor[],
  gradients: readonly Tensor[],
  states: readonly Tensor[],
): Tensor[] {
  const each = update.state.length;
  const made = parameters.map((parameter, index) =>
    update.step(parameter, at(gradients, index), states.slice(each * index, each * (index + 1))),
  );
  return [...made.map(([parameter]) => parameter), ...made.flatMap(([, ...state]) => state)];
}

/** Grows the network of a seed; everything about it follows from that. It is traced on the default backend, which runs nothing. */
export function randomNetwork(seed: number): RandomNetwork {
  const random = new Random(seed);
  const shape = inputShape(random);
  const classes = random.integer(2, 11);
  const seedOfLayers = random.integer(0, 2 ** 30);
  const update = drawUpdate(random);
  const kinds: { kind: Kind; shape: Shape }[] = [];
  let told: readonly string[] = [];
  let labels: Shape = [];
  const grow = (take: Take): Ground => {
    const layers = new Random(seedOfLayers);
    return { random: layers, take, told: [], widest: layers.pick([4, 9, 9, 20, 40]) };
  };
  // Once to learn the shapes of the parameters, once with them.
  compile((x: Tensor): Tensor => {
    const ground = grow((kind, wanted) => {
      kinds.push({ kind, shape: wanted });
      return zeros(wanted);
    });
    const logits = head(ground, body(ground, x), classes);
    labels = [at(logits.shape, 0), ...logits.shape.slice(2)];
    return logits;
  }).graph(blank(shape));
  const shapes = kinds.map((one) => one.shape);
  const states = stateOf(update, shapes);
  const traced = compile((y: Tensor, all: readonly Tensor[], state: readonly Tensor[]) => {
    const { value, grads } = valueAndGrad(([x, ...parameters]: readonly Tensor[]) => {
      let next = 0;
      const ground = grow(() => at(parameters, next++));
      if (!x) throw new RangeError("no input");
      const found = loss(ground, head(ground, body(ground, x), classes), y);
      told = ground.told;
      return found;
    })(all);
    const [dx, ...gradients] = grads;
    if (!dx) throw new RangeError("no gradient");
    return [value, dx, ...(update ? updated(update, all.slice(1), gradients, state) : gradients)];
  }).graph(
    fromHost(new Int32Array(sizeOf(labels)), labels, "int32"),
    [blank(shape), ...shapes.map(blank)],
    states.map((one) => blank(one.shape)),
  );
  return {
    seed,
    graph: update ? withWritebacks(traced, shapes.length) : withParameters(traced, shapes.length),
    told: [`input [${shape.join()}], ${classes} classes`, ...told, ...(update ? [update.name] : [])],
    values(draw) {
      const numbers = new Random(seed + 7919 * (draw + 1));
      const all = [{ kind: "input" as const, shape }, ...kinds, ...states];
      const drawn = all.map((one) => valuesOf(one.kind, one.shape, numbers));
      return [Int32Array.from({ length: sizeOf(labels) }, () => numbers.integer(0, classes - 1)), ...drawn];
    },
  };
}

/** Labels and the image are given; then come parameters, which a program may take for settled until they are written, and state. */
function withParameters(traced: Graph, count: number): Graph {
  const role = (index: number) => (index < 2 ? "data" : index < 2 + count ? "param" : "state");
  return { ...traced, inputs: traced.inputs.map((input, index) => ({ ...input, role: role(index) })) };
}

/** What comes behind the loss and the image's gradient is written to what it is made of. */
function withWritebacks(traced: Graph, count: number): Graph {
  const graph = withParameters(traced, count);
  const written = graph.outputs.slice(2);
  return {
    ...graph,
    outputs: graph.outputs.slice(0, 2),
    writebacks: written.map(({ value }, index) => ({ from: value, to: at(graph.inputs, 2 + index).value })),
  };
}

/** Weights keep what flows through them about as large as it was; scales are positive. */
function valuesOf(kind: Kind | "input", shape: Shape, random: Random): Float32Array<ArrayBuffer> {
  const reach = Math.sqrt((6 * at(shape, 0)) / Math.max(1, sizeOf(shape)));
  const ranges = { input: [-1, 1], weight: [-reach, reach], scale: [0.5, 1.5], shift: [-0.5, 0.5] } as const;
  const [low, high] = ranges[kind];
  return Float32Array.from({ length: sizeOf(shape) }, () => random.between(low, high));
}
