// A dense layer behind flattened pixels takes them as they lie: what is turned is its weight, and that once, where parameters stay as they are. A training
// step would turn the weight and its gradient in every step, which are larger than what is flattened.
import { at, type Graph, type GraphNode, matmul, reshape, rewrite, sizeOf, type Tensor, transpose } from "@stria/core";
import { isExpressionOp } from "./classify.ts";
import { keepsPreparation } from "./parameters.ts";
import { settledValues } from "./settled.ts";

/** Elements of a weight that is kept a second time, at most: of larger ones the product takes a thousand times as long as turning what is flattened. */
const mostElements = 2 ** 22;

const convolutions: ReadonlySet<string> = new Set(["conv", "convTranspose"]);
const passing: ReadonlySet<string> = new Set(["maxPool", "avgPool", "pad", "concat"]);

type Makers = ReadonlyMap<number, GraphNode>;

/** Whether a value is made by a convolution, or of such by what keeps the order of its pixels. */
function isOfPixels(value: number, makers: Makers): boolean {
  const seen = new Set<number>();
  const waiting = [value];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const maker = makers.get(next);
    if (!maker || seen.has(next)) continue;
    seen.add(next);
    if (convolutions.has(maker.op.name)) return true;
    if (passing.has(maker.op.name) || isExpressionOp(maker.op.name)) waiting.push(...maker.inputs);
  }
  return false;
}

/** The images [n, c, ...places] that a product's left operand [n, c * places] is made of by flattening alone. */
function flattened({ values }: Graph, left: number, makers: Makers): number | undefined {
  const maker = makers.get(left);
  if (maker?.op.name !== "reshape") return undefined;
  const source = at(maker.inputs, 0);
  const [whole, flat] = [at(values, source).shape, at(values, left).shape];
  const [images = 0, channels = 0, ...places] = whole;
  const isFlat = flat.length === 2 && flat[0] === images && flat[1] === channels * sizeOf(places);
  return isFlat && images > 0 && channels > 1 && sizeOf(places) > 1 && isOfPixels(source, makers) ? source : undefined;
}

/** Products of flattened images with a weight that stays, and the images. */
function foldable(graph: Graph): Map<GraphNode, number> {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((value) => [value, node] as const)));
  const settled = settledValues(graph);
  const found = new Map<GraphNode, number>();
  for (const node of graph.nodes) {
    if (node.op.name !== "matmul" || node.attrs["transposeA"] === true) continue;
    const [left, weight] = [at(node.inputs, 0), at(node.inputs, 1)];
    const { shape } = at(graph.values, weight);
    if (!at(settled, weight) || shape.length !== 2 || sizeOf(shape) > mostElements) continue;
    const source = flattened(graph, left, makers);
    if (source !== undefined) found.set(node, source);
  }
  return found;
}

/** The axes of [..., c, places, ...] with places before channels. */
function turned(weight: Tensor, transposed: boolean, channels: number): Tensor {
  const [rows, columns] = [at(weight.shape, 0), at(weight.shape, 1)];
  if (transposed) return reshape(transpose(reshape(weight, [rows, channels, -1]), [0, 2, 1]), [rows, columns]);
  return reshape(transpose(reshape(weight, [channels, -1, columns]), [1, 0, 2]), [rows, columns]);
}

/** The graph with dense layers that sum over places first and channels last, where they follow flattened images; the same sums in another order. */
export function foldedFlatten(graph: Graph): Graph {
  if (!keepsPreparation(graph)) return graph;
  const products = foldable(graph);
  if (products.size === 0) return graph;
  const images = new Map<Tensor, Tensor>();
  const flattens = new Set([...products.keys()].map((node) => at(node.inputs, 0)));
  return rewrite(graph, (node, inputs) => {
    if (flattens.has(at(node.outputs, 0))) {
      const flat = reshape(at(inputs, 0), at(graph.values, at(node.outputs, 0)).shape);
      images.set(flat, at(inputs, 0));
      return [flat];
    }
    const whole = products.has(node) ? images.get(at(inputs, 0)) : undefined;
    if (!whole) return null;
    const weight = at(inputs, 1);
    const transposeB = node.attrs["transposeB"] === true;
    const [count, channels] = [at(whole.shape, 0), at(whole.shape, 1)];
    const last = [0, ...whole.shape.slice(2).map((_, axis) => axis + 2), 1];
    const rows = reshape(transpose(whole, last), [count, -1]);
    return [matmul(rows, turned(weight, transposeB, channels), { transposeB })];
  }).graph;
}
