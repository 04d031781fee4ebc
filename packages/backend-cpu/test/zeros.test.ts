// Odd functions keep the sign of zero, as IEEE 754 has it, and so does what goes towards it: in whole vectors and in what is left of them.
import {
  ceil,
  erf,
  expm1,
  floor,
  log1p,
  neg,
  round,
  sign,
  sin,
  sqrt,
  tanh,
  tensor,
  useBackend,
  type Tensor,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu } from "../src/index.ts";

const keeping: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sin,
  tanh,
  erf,
  expm1,
  log1p,
  sign,
  round,
  floor,
  ceil,
  sqrt,
};

/** Enough for vectors of four, several at a time, and some that are left. */
const zeros = Array.from({ length: 37 }, (_, index) => (index % 3 === 0 ? 0 : -0));

describe.each([
  ["cpu", () => cpu({ threads: 1 })],
  ["reference", () => reference()],
] as const)("%s", (_, open) => {
  let dispose = (): void => {};
  beforeAll(async () => {
    const backend = await useBackend(open());
    dispose = () => backend.dispose();
  });
  afterAll(() => dispose());

  test.each(Object.entries(keeping))("%s", async (_name, f) => {
    expect([...(await f(tensor(zeros)).data())]).toEqual(zeros); // toEqual tells -0 from 0
  });

  test("neg turns it", async () => {
    expect([...(await neg(tensor(zeros)).data())]).toEqual(zeros.map((zero) => -zero));
  });

  test("what is rounded to zero from below is -0", async () => {
    const below = [-0.5, -0.25, -1e-30, 0.5, 0.25, 1e-30];
    expect([...(await round(tensor(below)).data())]).toEqual([-0, -0, -0, 0, 0, 0]);
    expect([...(await ceil(tensor(below.slice(0, 3))).data())]).toEqual([-0, -0, -0]);
  });

  test("the least numbers there are come out as themselves", async () => {
    const least = Float32Array.from([2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126), 1e-20, -1e-20]);
    for (const f of [sin, tanh, expm1, log1p]) expect([...(await f(tensor(least)).data())]).toEqual([...least]);
  });
});
