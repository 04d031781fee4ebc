// References of ops that work element by element.
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, outputShape } from "./node.ts";
import { broadcastOffsets } from "./offsets.ts";
import type { Reference } from "./reference.ts";

export function unary(f: (x: number) => number): Reference {
  return (inputs, node) => {
    const x = at(inputs, 0);
    const y = newOutput(node);
    for (let i = 0; i < y.length; i++) y[i] = f(x[i] ?? Number.NaN);
    return [y];
  };
}

/** Operands broadcast. Conditions are stored as 1 and 0. */
export function binary(f: (a: number, b: number) => number | boolean): Reference {
  return (inputs, node) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const y = newOutput(node);
    const whereA = broadcastOffsets(inputShape(node, 0), outputShape(node));
    const whereB = broadcastOffsets(inputShape(node, 1), outputShape(node));
    for (let i = 0; i < y.length; i++)
      y[i] = Number(f(a[whereA[i] ?? -1] ?? Number.NaN, b[whereB[i] ?? -1] ?? Number.NaN));
    return [y];
  };
}
