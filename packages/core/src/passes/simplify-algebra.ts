// Algebra that holds to the bit, NaN and -0 included: what a node undoes, what changes nothing, transposes that a matrix product does by itself.
// where(c, x, x) stays: it is how checkpoint keeps what is computed again from being taken for the first time (checkpoint.ts).
import { at, sameShape } from "../tensor/aval.ts";
import type { Graph } from "../graph/graph.ts";
import type { AttrValue } from "../op.ts";
import type { Pruned } from "./prune.ts";
import { type Candidate, type Replacement, type Rule, replaceNodes } from "./replace-nodes.ts";

function list(value: AttrValue | undefined): readonly number[] {
  return Array.isArray(value) ? value.filter((entry): entry is number => typeof entry === "number") : [];
}

/** The node that makes operand `index`, where it is of the same op as `node`. */
function twin({ node, inputs, maker }: Candidate, index = 0): Candidate["node"] | undefined {
  const made = maker(at(inputs, index));
  return made?.op === node.op ? made : undefined;
}

/** An op that undoes itself. */
const involution: Rule = (candidate) => {
  const inner = twin(candidate);
  return inner && { same: at(inner.inputs, 0) };
};

/** The operand itself where shape and dtype stay; `replaceNodes` looks at that. */
const nothing = ({ inputs }: Candidate): Replacement => ({ same: at(inputs, 0) });

/** The operand on one side where all on the other are `neutral`. */
function neutral(candidate: Candidate, value: number, sides: readonly (0 | 1)[]): Replacement {
  const { inputs, literal } = candidate;
  const side = sides.find((index) => Object.is(literal(at(inputs, index)), value));
  return side === undefined ? undefined : { same: at(inputs, 1 - side) };
}

/** Of two nodes of one op in a row the second, on what the first one worked on. */
function merged(candidate: Candidate, attrs: (inner: Candidate["node"]) => Candidate["node"]["attrs"]): Replacement {
  const inner = twin(candidate);
  return inner && { op: candidate.node.op, inputs: inner.inputs, attrs: attrs(inner) };
}

/** Whether a permutation swaps the last two axes and nothing else. */
function swapsLast(permutation: readonly number[]): boolean {
  const rank = permutation.length;
  return rank >= 2 && permutation.every((from, axis) => from === (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
}

const rules: Readonly<Record<string, Rule>> = {
  neg: involution,
  logicalNot: involution,
  cast: nothing,
  pad: nothing,
  // x + 0 makes 0 of -0, and x + -0 nothing of anything.
  add: (candidate) => neutral(candidate, candidate.output.dtype === "float32" ? -0 : 0, [0, 1]),
  sub: (candidate) => neutral(candidate, 0, [1]),
  mul: (candidate) => neutral(candidate, 1, [0, 1]),
  div: (candidate) => neutral(candidate, 1, [1]),
  pow: (candidate) => neutral(candidate, 1, [1]),
  logicalAnd: (candidate) => neutral(candidate, 1, [0, 1]),
  where({ inputs, literal }) {
    const condition = literal(at(inputs, 0));
    return condition === undefined ? undefined : { same: at(inputs, condition === 0 ? 2 : 1) };
  },
  concat: (candidate) => (candidate.inputs.length === 1 ? nothing(candidate) : undefined),
  reshape: (candidate) => whole(candidate) ?? merged(candidate, () => candidate.node.attrs),
  broadcastTo: (candidate) => whole(candidate) ?? merged(candidate, () => candidate.node.attrs),
  slice: (candidate) =>
    whole(candidate) ??
    merged(candidate, ({ attrs }) => {
      const { start, size = [], stride } = candidate.node.attrs;
      const [firstStart, firstStride] = [list(attrs["start"]), list(attrs["stride"])];
      return {
        start: list(start).map((offset, axis) => at(firstStart, axis) + offset * at(firstStride, axis)),
        size,
        stride: list(stride).map((step, axis) => step * at(firstStride, axis)),
      };
    }),
  flip(candidate) {
    const axes = list(candidate.node.attrs["axes"]);
    if (axes.length === 0) return nothing(candidate);
    return merged(candidate, ({ attrs }) => {
      const first = list(attrs["axes"]);
      const once = [...axes.filter((axis) => !first.includes(axis)), ...first.filter((axis) => !axes.includes(axis))];
      return { axes: once.toSorted((a, b) => a - b) };
    });
  },
  transpose(candidate) {
    const permutation = list(candidate.node.attrs["permutation"]);
    if (permutation.every((from, axis) => from === axis)) return nothing(candidate);
    return merged(candidate, ({ attrs }) => {
      const first = list(attrs["permutation"]);
      return { permutation: permutation.map((from) => at(first, from)) };
    });
  },
  matmul({ node, inputs, maker }) {
    const swapped = inputs.map((input) => {
      const made = maker(input);
      return made?.op.name === "transpose" && swapsLast(list(made.attrs["permutation"])) ? made : undefined;
    });
    if (!swapped.some(Boolean)) return undefined;
    const flag = (name: string, index: number): boolean =>
      (node.attrs[name] === true) !== (swapped[index] !== undefined);
    return {
      op: node.op,
      inputs: inputs.map((input, index) => swapped[index]?.inputs[0] ?? input),
      attrs: { transposeA: flag("transposeA", 0), transposeB: flag("transposeB", 1) },
    };
  },
};

/** The operand of a node that keeps its shape, and with it every element. */
function whole(candidate: Candidate): Replacement {
  const { inputs, avalOf, output } = candidate;
  return sameShape(avalOf(at(inputs, 0)).shape, output.shape) ? nothing(candidate) : undefined;
}

/** The graph with less to compute, and the same results to the bit. */
export function simplifyAlgebra(graph: Graph): Pruned {
  return replaceNodes(graph, (candidate) => {
    const rule = rules[candidate.node.op.name];
    if (!rule) return undefined;
    const replacement = rule(candidate);
    if (!replacement || "same" in replacement) return replacement;
    // What was merged may be nothing now: a transpose of a transpose, a reshape back.
    const again = rule({ ...candidate, node: { ...candidate.node, ...replacement }, inputs: replacement.inputs });
    return again && "same" in again ? again : replacement;
  });
}
