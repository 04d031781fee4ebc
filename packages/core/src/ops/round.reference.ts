// round: halves go to the even neighbour, and what is negative to -0.
import { unary } from "../reference/elementwise.ts";
import type { Reference } from "../reference/reference.ts";

export const roundReference: Reference = unary((x) => {
  const below = Math.floor(x);
  if (x === below || x - below < 0.5) return below;
  const nearest = x - below > 0.5 || below % 2 !== 0 ? below + 1 : below;
  return nearest === 0 && x < 0 ? -0 : nearest;
});
