// A network in evaluation mode as the peers get it: a list of whole layers, batch norm folded into the convolution before it, as their own converters
// would make it.

export interface Weights {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

type Pairs = readonly (readonly [before: number, after: number])[];

interface Window {
  readonly stride: readonly number[];
  readonly padding: Pairs;
}

/** What a layer does to its inputs. Shapes are [n, c, h, w]; weights as in PyTorch. */
export type Layer =
  | (Window & { readonly op: "conv"; readonly weight: Weights; bias?: Weights; readonly groups: number })
  | (Window & { readonly op: "convTranspose"; readonly weight: Weights; bias?: Weights })
  /** x times scale plus shift, one of each for a channel. */
  | { readonly op: "affine"; readonly scale: Weights; readonly shift: Weights }
  /** x times the transposed weight [outputs, inputs]. */
  | { readonly op: "dense"; readonly weight: Weights; bias?: Weights }
  | { readonly op: "matmul" }
  | (Window & { readonly op: "maxPool" | "avgPool"; readonly kernel: readonly number[] })
  /** Over all places: [n, c] or [n, c, 1, 1]. */
  | { readonly op: "mean"; readonly keepDims: boolean }
  | { readonly op: "relu" | "add" | "concat" | "flatten" | "softmax" }
  | { readonly op: "clip"; readonly low: number; readonly high: number }
  | {
      readonly op: "slice";
      readonly start: readonly number[];
      readonly size: readonly number[];
      readonly stride: readonly number[];
    }
  | { readonly op: "pad"; readonly padding: Pairs };

export interface PeerNode {
  readonly layer: Layer;
  readonly inputs: readonly number[];
  /** Number of the value that it makes. */
  readonly output: number;
  readonly shape: readonly number[];
}

export interface PeerGraph {
  readonly inputs: readonly { readonly value: number; readonly shape: readonly number[] }[];
  readonly nodes: readonly PeerNode[];
  readonly output: number;
}

/** As text and numbers, for a file. */
export function store(graph: PeerGraph): { header: string; data: Float32Array<ArrayBuffer> } {
  const stored: { arrays: Float32Array[]; length: number } = { arrays: [], length: 0 };
  const header = JSON.stringify(graph, (_, value: unknown) => {
    if (!(value instanceof Float32Array)) return value;
    const offset = stored.length;
    stored.arrays.push(value);
    stored.length += value.length;
    return { offset, length: value.length };
  });
  const data = new Float32Array(stored.length);
  let offset = 0;
  for (const array of stored.arrays) {
    data.set(array, offset);
    offset += array.length;
  }
  return { header, data };
}

function isPlace(value: unknown): value is { offset: number; length: number } {
  return typeof value === "object" && value !== null && "offset" in value && "length" in value;
}

/** What `store` wrote. */
export function restore(header: string, data: Float32Array<ArrayBuffer>): PeerGraph {
  return JSON.parse(header, (_, value: unknown) =>
    isPlace(value) ? data.subarray(value.offset, value.offset + value.length) : value,
  ) as PeerGraph;
}
