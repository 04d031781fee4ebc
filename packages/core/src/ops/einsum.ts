// Einstein's summation convention: products and sums along named axes, as matrix products two operands at a time.
import { at, maxRank } from "../tensor/aval.ts";
import { type TensorLike, asTensor } from "../tensor/dispatch.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { matmul } from "./matmul.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { sum } from "./sum.ts";
import { type Equation, type Names, readEquation } from "./support/subscripts.ts";
import { transpose } from "./transpose.ts";

/** A tensor and a name for each of its axes, no name twice. */
interface Named {
  readonly x: Tensor;
  readonly names: Names;
}

type Lengths = Equation["lengths"];

function product(names: Names, lengths: Lengths): number {
  return names.reduce((size, name) => size * (lengths.get(name) ?? 1), 1);
}

/** The axes in another order. */
function inOrder({ x, names }: Named, order: Names): Tensor {
  return transpose(
    x,
    order.map((name) => names.indexOf(name)),
  );
}

/** Where a name stands twice, the elements at which both axes have the same index: those lie `length + 1` apart. */
function diagonal({ x, names }: Named): Named {
  const second = names.findIndex((name, axis) => names.indexOf(name) < axis);
  if (second < 0) return { x, names };
  const first = names.indexOf(at(names, second));
  const rest = [...names.keys()].filter((axis) => axis !== first && axis !== second);
  const lead = rest.map((axis) => at(x.shape, axis));
  const length = at(x.shape, first);
  const square = reshape(transpose(x, [...rest, first, second]), [...lead, length * length]);
  const steps = [...lead.map(() => 1), length + 1];
  const start = steps.map(() => 0);
  return diagonal({
    x: slice(square, start, [...lead, length], steps),
    names: [...rest, first].map((axis) => at(names, axis)),
  });
}

/** Without the axes of length 1 that stand for longer ones: those of the other operands do. */
function unstretched({ x, names }: Named, lengths: Lengths): Named {
  const kept = [...names.keys()].filter((axis) => at(x.shape, axis) === lengths.get(at(names, axis)));
  return {
    x: reshape(
      x,
      kept.map((axis) => at(x.shape, axis)),
    ),
    names: kept.map((axis) => at(names, axis)),
  };
}

/** Summed over the axes that nobody else needs. */
function reduced({ x, names }: Named, needed: ReadonlySet<string>): Named {
  const alone = [...names.keys()].filter((axis) => !needed.has(at(names, axis)));
  return { x: alone.length > 0 ? sum(x, alone) : x, names: names.filter((name) => needed.has(name)) };
}

/** How the axes of two operands meet: in both and kept, in one alone, in both and summed. */
function roles(
  a: Names,
  b: Names,
  needed: ReadonlySet<string>,
): Readonly<Record<"both" | "left" | "right" | "summed", Names>> {
  const shared = a.filter((name) => b.includes(name));
  return {
    both: shared.filter((name) => needed.has(name)),
    left: a.filter((name) => !b.includes(name)),
    right: b.filter((name) => !a.includes(name)),
    summed: shared.filter((name) => !needed.has(name)),
  };
}

/** The product of two operands, summed over what nobody else needs. */
function contract(a: Named, b: Named, needed: ReadonlySet<string>, lengths: Lengths): Named {
  const { both, left, right, summed } = roles(a.names, b.names, needed);
  const size = (names: Names): number => product(names, lengths);
  const [batch, rows, columns, inner] = [size(both), size(left), size(right), size(summed)];
  let y: Tensor;
  if (summed.length > 0 && a.x.dtype === "float32" && rows * columns !== 1) {
    // Where the summed axes are not last already, the product reads the operand transposed rather than have it moved.
    const lastInA = summed.includes(a.names.at(-1) ?? "");
    const lastInB = summed.includes(b.names.at(-1) ?? "");
    const x = inOrder(a, lastInA ? [...both, ...left, ...summed] : [...both, ...summed, ...left]);
    const w = inOrder(b, lastInB ? [...both, ...right, ...summed] : [...both, ...summed, ...right]);
    const lead = both.length > 0 ? [batch] : [];
    y = matmul(
      reshape(x, [...lead, ...(lastInA ? [rows, inner] : [inner, rows])]),
      reshape(w, [...lead, ...(lastInB ? [columns, inner] : [inner, columns])]),
      { transposeA: !lastInA, transposeB: lastInB },
    );
  } else {
    const x = reshape(inOrder(a, [...both, ...left, ...summed]), [batch, rows, 1, inner]);
    const w = reshape(inOrder(b, [...both, ...right, ...summed]), [batch, 1, columns, inner]);
    y = summed.length > 0 ? sum(mul(x, w), 3) : mul(x, w);
  }
  const names = [...both, ...left, ...right];
  return {
    x: reshape(
      y,
      names.map((name) => lengths.get(name) ?? 1),
    ),
    names,
  };
}

/** The two operands to multiply next: those with the fewest multiplications, whose product is no tensor of too high a rank. */
function nextPair(operands: readonly Named[], output: Names, lengths: Lengths): [number, number] {
  let best: { readonly pair: [number, number]; readonly cost: number } = { pair: [0, 1], cost: Infinity };
  for (let i = 0; i < operands.length; i++)
    for (let j = i + 1; j < operands.length; j++) {
      const names = new Set([...at(operands, i).names, ...at(operands, j).names]);
      const needed = neededBy(operands.toSpliced(j, 1).toSpliced(i, 1), output);
      const rank = [...names].filter((name) => needed.has(name)).length;
      const cost = rank > maxRank ? Infinity : product([...names], lengths);
      if (cost < best.cost) best = { pair: [i, j], cost };
    }
  return best.pair;
}

function neededBy(operands: readonly Named[], output: Names): Set<string> {
  return new Set([...output, ...operands.flatMap(({ names }) => names)]);
}

/**
 * Products and sums along named axes (Einstein 1916): `einsum("bij,bjk->bik", a, b)` is a batched matrix product, "ii->i" a diagonal, "ij->" a sum.
 *
 * As PyTorch has it: axes that the result does not name are summed over; without "->" the result has what "..." stands for, then the letters that stand
 * once, in alphabetical order; axes of length 1 stretch; "..." stands for any axes, which broadcast. Several operands are multiplied two at a time,
 * the cheapest pair first.
 * @throws AttributeError for an equation that cannot be read, ShapeError, naming the subscript, for operands that do not fit it.
 */
export function einsum(equation: string, ...operands: TensorLike[]): Tensor {
  const tensors = operands.map((operand) => asTensor(operand, "einsum"));
  const {
    operands: names,
    output,
    lengths,
  } = readEquation(
    equation,
    tensors.map((x) => x.shape),
  );
  const whole = tensors.map((x, index) => unstretched(diagonal({ x, names: at(names, index) }), lengths));
  let left = whole.map((operand, index) => reduced(operand, neededBy(whole.toSpliced(index, 1), output)));
  while (left.length > 1) {
    const [i, j] = nextPair(left, output, lengths);
    const rest = left.toSpliced(j, 1).toSpliced(i, 1);
    left = [...rest, contract(at(left, i), at(left, j), neededBy(rest, output), lengths)];
  }
  return inOrder(at(left, 0), output);
}
