// How much memory a model's activations take, from shapes alone: what is live at once in the graph of a forward pass, and of one with its gradients.
import {
  type Aval,
  type DType,
  type Graph,
  type GraphNode,
  Parameter,
  type Shape,
  type Tensor,
  add,
  at,
  bytesOf,
  evaluating,
  inferGraph,
  isTensor,
  namedCells,
  resultValues,
  sizeOf,
  sum,
  training,
  valueAndGrad,
} from "@stria/core";

/** Bytes of a model. Activations are counted for one example; what a backend needs besides (packed weights, its code) is not. */
export interface ModelMemory {
  /** Parameters and state. */
  readonly parameters: number;
  /** Activations that are live at once in a forward pass, for one example. */
  readonly inference: number;
  /** The same in a training step: what the backward pass reads is kept until then. Gradients of parameters and the optimizer's state are not in it. */
  readonly training: number;
}

/** Ops that give their input another shape and no memory of its own. */
const views: ReadonlySet<string> = new Set(["identity", "reshape"]);

/** Ops whose result can be written over an input that nothing else reads: each element is made of the same element of the inputs. */
const inPlace: ReadonlySet<string> = new Set(
  [
    "abs add ceil cos div erf exp expm1 floor log log1p maximum minimum mul",
    "neg pow relu round sigmoid sign sin softplus sqrt sub tanh where",
  ].flatMap((names) => names.split(" ")),
);

/** For each value the value whose memory it is: its own, or that of what it is a view of. */
function rootsOf(graph: Graph): number[] {
  const roots = graph.values.map((_, value) => value);
  for (const { op, inputs, outputs } of graph.nodes)
    if (views.has(op.name)) roots[at(outputs, 0)] = at(roots, at(inputs, 0));
  return roots;
}

/** For each memory the last node that reads it; a result is read at the end. What nothing reads, such as the indices of a maximum, need not be made. */
function lastReads(graph: Graph, roots: readonly number[]): Map<number, number> {
  const last = new Map<number, number>();
  for (const [index, { inputs }] of graph.nodes.entries())
    for (const value of inputs) last.set(at(roots, value), index);
  for (const value of resultValues(graph)) last.set(at(roots, value), graph.nodes.length);
  return last;
}

/** Whether a node's result takes the place of an input that it is the last to read. */
function replaces(graph: Graph, node: GraphNode, dying: ReadonlySet<number>, roots: readonly number[]): boolean {
  if (!inPlace.has(node.op.name)) return false;
  const bytes = bytesOfValue(graph, at(node.outputs, 0));
  return node.inputs.some((value) => dying.has(at(roots, value)) && bytesOfValue(graph, at(roots, value)) === bytes);
}

function bytesOfValue(graph: Graph, value: number): number {
  const { shape, dtype } = at(graph.values, value);
  return sizeOf(shape) * bytesOf(dtype);
}

/** Values that depend on one of the graph's data inputs: all others are made of parameters alone. */
function dataDependent(graph: Graph): ReadonlySet<number> {
  const found = new Set(
    graph.inputs.flatMap(({ value, role }) => (role === "param" || role === "state" ? [] : [value])),
  );
  for (const { inputs, outputs } of graph.nodes)
    if (inputs.some((value) => found.has(value))) for (const output of outputs) found.add(output);
  return found;
}

/** The most bytes that are live at once among what the nodes make, and the input. Results in `free` are somebody else's to count. */
function peakBytes(graph: Graph, free: ReadonlySet<number>): number {
  const roots = rootsOf(graph);
  const last = lastReads(graph, roots);
  const counted = dataDependent(graph);
  const freeRoots = new Set([...free].map((value) => at(roots, value)));
  const bytes = (root: number): number =>
    last.has(root) && counted.has(root) && !freeRoots.has(root) ? bytesOfValue(graph, root) : 0;
  let live = 0;
  for (const { value, role } of graph.inputs) if (role === "data") live += bytes(value);
  let peak = live;
  for (const [index, node] of graph.nodes.entries()) {
    const made = new Set(node.outputs.map((value) => at(roots, value)).filter((root) => node.outputs.includes(root)));
    const dying = new Set(node.inputs.map((value) => at(roots, value)).filter((root) => last.get(root) === index));
    const freed = [...dying].reduce((all, root) => all + bytes(root), 0);
    const written = [...made].reduce((all, root) => all + bytes(root), 0);
    const reused = replaces(graph, node, dying, roots) ? written : 0;
    peak = Math.max(peak, live + written - reused);
    live += written - freed;
  }
  return peak;
}

/** Floating-point tensors of whatever a model returned. */
function tensorsOf(output: unknown): Tensor[] {
  if (isTensor(output)) return output.dtype === "float32" ? [output] : [];
  if (typeof output !== "object" || output === null) return [];
  return Object.values(output).flatMap((value: unknown) => tensorsOf(value));
}

/** What is asked about: a model and the shapes of its inputs without the batch axis. */
export interface MemoryQuestion {
  readonly model: object & { forward(...inputs: never[]): unknown };
  readonly shapes: readonly Shape[];
  readonly dtype: DType;
}

function avals({ shapes, dtype }: MemoryQuestion, batch: number): Aval[] {
  return shapes.map((shape) => ({ shape: [batch, ...shape], dtype }));
}

function inferencePeak(question: MemoryQuestion, batch: number): number {
  const { model } = question;
  const graph = inferGraph(
    (inputs) => evaluating(() => tensorsOf(Reflect.apply(model.forward, model, inputs))),
    avals(question, batch),
  );
  return peakBytes(graph, new Set());
}

function trainingPeak(question: MemoryQuestion, batch: number): number {
  const { model } = question;
  const graph = inferGraph(
    (inputs) => {
      const loss = (): Tensor =>
        tensorsOf(Reflect.apply(model.forward, model, inputs))
          .map((y) => sum(y))
          .reduce(add);
      const { value, grads } = training(() => valueAndGrad(model, loss));
      return [value, ...grads.values()];
    },
    avals(question, batch),
  );
  return peakBytes(graph, new Set(resultValues(graph)));
}

/** What one example more takes, between a batch of two and one of three: what does not grow with the batch is not the examples'. */
function perExample(peak: (batch: number) => number): number {
  return peak(3) - peak(2);
}

/** See {@link ModelMemory}. Traces the model four times; nothing is computed. */
export function memoryOf(question: MemoryQuestion): ModelMemory {
  const cells = new Set(namedCells(question.model).values());
  const trains = [...cells].some((cell) => cell instanceof Parameter && cell.trainable);
  const inference = perExample((batch) => inferencePeak(question, batch));
  return {
    parameters: [...cells].reduce((all, { aval }) => all + sizeOf(aval.shape) * bytesOf(aval.dtype), 0),
    inference,
    training: trains ? perExample((batch) => trainingPeak(question, batch)) : inference,
  };
}
