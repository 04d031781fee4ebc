// Powers with a constant exponent that multiplications and roots say as well, to one or two units in the last place like any other power.
import { floatBits, type Push, type VectorMath } from "./vector.ts";

/** The square root as C's pow has it: that of -Infinity is Infinity, and of -0 it is 0. */
function root(v: VectorMath, x: Push): Push {
  const lowest = v.integer(floatBits(-Infinity));
  const isLowest = v.op("i32x4.eq", x, lowest);
  return v.op("f32x4.sqrt", v.add(v.choose(isLowest, v.float(Infinity), x), v.float(0)));
}

const inverse = (v: VectorMath, x: Push): Push => v.div(v.float(1), x);

function square(v: VectorMath, x: Push): Push {
  const once = v.keep(x);
  return v.mul(once, once);
}

/** By exponent. The inverse comes first, so that no square is infinite or 0 whose inverse is not. */
const powers: ReadonlyMap<number, (v: VectorMath, x: Push) => Push> = new Map([
  [0, (v) => v.float(1)],
  [1, (_, x) => x],
  [2, square],
  [3, (v, x) => v.mul(square(v, x), x)],
  [4, (v, x) => square(v, square(v, x))],
  [-1, inverse],
  [-2, (v, x) => square(v, inverse(v, x))],
  [0.5, root],
  [-0.5, (v, x) => inverse(v, root(v, x))],
]);

/** How x to this power is computed without a logarithm, where it can be. */
export function constantPower(exponent: number): ((v: VectorMath, x: Push) => Push) | undefined {
  return powers.get(exponent);
}
