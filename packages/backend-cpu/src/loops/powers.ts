// Powers with a constant exponent that multiplications and roots say as well, to one or two units in the last place like any other power.
import { floatBits, type Push, type VectorMath } from "./vector.ts";

/** The base of a power that is no integer, so that roots of it are as C's pow has them: that of -Infinity is Infinity, and of -0 it is 0. */
function rootable(v: VectorMath, x: Push): Push {
  const lowest = v.integer(floatBits(-Infinity));
  const isLowest = v.op("i32x4.eq", x, lowest);
  return v.keep(v.add(v.choose(isLowest, v.float(Infinity), x), v.float(0)));
}

/** x to a number of quarters below one. */
function fraction(v: VectorMath, x: Push, quarters: number): Push {
  const root = v.keep(v.op("f32x4.sqrt", x));
  if (quarters === 2) return root;
  const fourth = v.op("f32x4.sqrt", root);
  return quarters === 1 ? fourth : v.mul(root, fourth);
}

/** x to a whole number of up to four, at least one. */
function whole(v: VectorMath, x: Push, exponent: number): Push {
  if (exponent === 1) return x;
  const square = v.keep(v.mul(x, x));
  if (exponent === 2) return square;
  return v.mul(square, exponent === 3 ? x : square);
}

/** The largest quarters of whole powers, of their inverses, and of others: with more factors the rounding of each adds up to more than two units. */
const most = { whole: 16, inverse: 8, broken: 7 };

/**
 * How x to this power is computed without a logarithm: where the power is a number of quarters, and small. Of a negative power every factor is inverted by
 * itself, so that no product is infinite or 0 whose inverse is not.
 */
export function constantPower(exponent: number): ((v: VectorMath, x: Push) => Push) | undefined {
  const quarters = Math.abs(exponent) * 4;
  const [integer, rest] = [Math.floor(quarters / 4), quarters % 4];
  const limit = rest > 0 ? most.broken : exponent < 0 ? most.inverse : most.whole;
  if (!Number.isInteger(quarters) || quarters > limit) return undefined;
  return (v, x) => {
    if (quarters === 0) return v.float(1);
    const inverted = (value: Push): Push => (exponent < 0 ? v.keep(v.div(v.float(1), value)) : value);
    const base = rest > 0 ? rootable(v, x) : x;
    const factors = [
      ...(integer > 0 ? [whole(v, inverted(base), integer)] : []),
      ...(rest > 0 ? [inverted(fraction(v, base, rest))] : []),
    ];
    return factors.reduce((product, factor) => v.mul(product, factor));
  };
}
