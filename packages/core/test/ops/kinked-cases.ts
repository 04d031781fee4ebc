// Inputs on a kink where the gradient is the mean of both sides: central differences give that, but there is no second gradient.
import { maximum, minimum, tensor } from "../../src/index.ts";
import type { Case } from "./cases.ts";

const tied = tensor([0.25, 0.5, -1, 2]);
const other = tensor([0.25, 1, -1, 0.5]);

export const kinkedCases: readonly Case[] = Object.entries({ maximum, minimum }).flatMap(([name, f]) => [
  { name: `${name} of equals`, f, inputs: [tied, other] },
  { name: `${name} of equals, the first`, f: (x) => f(x, other), inputs: [tied] },
  { name: `${name} of equals, the second`, f: (x) => f(other, x), inputs: [tied] },
]);
