// Einsum against the sum that the equation stands for, term by term.
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  AttributeError,
  ShapeError,
  type Tensor,
  at,
  einsum,
  sizeOf,
  stridesOf,
  tensor,
  useBackend,
  zeros,
} from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";
import { expectGradient, expectSecondGradient } from "../support/differences.ts";
import { distance, integers, uniform } from "../support/numbers.ts";

beforeAll(() => useBackend(reference()));

/** The sum over all values of all indices of the product of the operands; axes of length 1 stretch. */
async function direct(terms: readonly string[], output: string, operands: readonly Tensor[]): Promise<Tensor> {
  const lengths = new Map<string, number>();
  for (const [index, term] of terms.entries())
    for (const [axis, name] of term.split("").entries())
      lengths.set(name, Math.max(lengths.get(name) ?? 1, at(at(operands, index).shape, axis)));
  const names = [...lengths.keys()];
  const data = await Promise.all(operands.map((operand) => operand.data()));
  const shape = output.split("").map((name) => lengths.get(name) ?? 1);
  const result = new Float32Array(sizeOf(shape));
  const place = (term: string, of: readonly number[], index: ReadonlyMap<string, number>): number =>
    stridesOf(of).reduce(
      (sum, stride, axis) => sum + (at(of, axis) === 1 ? 0 : stride * (index.get(at(term.split(""), axis)) ?? 0)),
      0,
    );
  const visit = (depth: number, index: Map<string, number>): void => {
    const name = names[depth];
    if (name === undefined) {
      const term = terms.reduce(
        (value, text, number) => value * at(at(data, number), place(text, at(operands, number).shape, index)),
        1,
      );
      const target = place(output, shape, index);
      result[target] = at(result, target) + term;
      return;
    }
    for (let i = 0; i < (lengths.get(name) ?? 1); i++) visit(depth + 1, index.set(name, i));
  };
  visit(0, new Map());
  return tensor(result, { shape });
}

describe("einsum is the sum that its equation stands for", () => {
  const lengths: Readonly<Record<string, number>> = { a: 2, b: 3, c: 1, d: 4, e: 2 };
  const letters = fc.constantFrom("a", "b", "c", "d", "e");
  const term = fc.array(fc.record({ name: letters, single: fc.integer({ min: 0, max: 5 }) }), { maxLength: 4 });
  const equations = fc
    .record({ terms: fc.array(term, { minLength: 1, maxLength: 4 }), order: fc.infiniteStream(fc.nat(100)) })
    .map(({ terms, order }) => {
      const all = [...new Set(terms.flat().map(({ name }) => name))];
      const output = all.filter(() => order.next().value % 2 === 0).toSorted(() => order.next().value - 50);
      return {
        texts: terms.map((entries) => entries.map(({ name }) => name).join("")),
        // Some axes have length 1 and stretch: all of a name in one operand, or they would be no diagonal.
        shapes: terms.map((entries) =>
          entries.map(({ name }) =>
            entries.find((entry) => entry.name === name)?.single === 0 ? 1 : (lengths[name] ?? 1),
          ),
        ),
        output: output.join(""),
      };
    });

  it("for any equation: products, diagonals, transposes, sums, axes that stretch", async () => {
    await fc.assert(
      fc.asyncProperty(equations, async ({ texts, shapes, output }) => {
        const operands = shapes.map((shape, index) => uniform(shape, index + 1));
        const found = einsum(`${texts.join(",")}->${output}`, ...operands);
        expect(await distance(found, await direct(texts, output, operands))).toBeLessThan(1e-5);
      }),
      { numRuns: 300 },
    );
  });
});

describe("what it may be said for", () => {
  const [a, b] = [uniform([2, 3, 4], 1), uniform([2, 4, 5], 2)];

  it("without a result: letters that stand once, in alphabetical order, capitals first", async () => {
    expect(await distance(einsum("xij,xjk", a, b), einsum("xij,xjk->ik", a, b))).toBe(0);
    expect(await distance(einsum("cba", a), a.transpose())).toBe(0);
    expect(await distance(einsum("bAa", a), einsum("bAa->Aab", a))).toBe(0);
    expect(await einsum("ii", tensor([[1, 2], [3, 4]])).item()).toBe(5); // prettier-ignore
  });

  it("with ... for axes that broadcast, and spaces", async () => {
    const batch = uniform([3, 1, 2, 4], 3);
    const wanted = einsum("pqij,qjk->pqik", batch.transpose([1, 0, 2, 3]).reshape([1, 3, 2, 4]), uniform([3, 4, 2], 4));
    expect(einsum("... i j, ... j k -> ... i k", batch, uniform([5, 4, 2], 4)).shape).toEqual([3, 5, 2, 2]);
    expect(
      await distance(einsum("...ij,...jk", uniform([3, 2, 4], 3), uniform([3, 4, 2], 4)), wanted.reshape([3, 2, 2])),
    ).toBeLessThan(1e-6);
    expect(einsum("...i->i...", a).shape).toEqual([4, 2, 3]);
    expect(await distance(einsum("i...->i", a), a.sum([1, 2]))).toBeLessThan(1e-6);
  });

  it("several operands, in the cheapest order", async () => {
    const [x, y, z] = [uniform([2, 300], 5), uniform([300, 300], 6), uniform([300], 7)];
    expect(await distance(einsum("ai,ij,j->a", x, y, z), x.matmul(y).matmul(z))).toBeLessThan(1e-4);
  });

  it("whole numbers", async () => {
    const [x, y] = [integers([2, 3], 8, -5, 5), integers([3, 2], 9, -5, 5)];
    const [left, right] = [await x.data(), await y.data()];
    const wanted = [0, 1].flatMap((i) =>
      [0, 1].map((k) => [0, 1, 2].reduce((sum, j) => sum + at(left, 3 * i + j) * at(right, 2 * j + k), 0)),
    );
    expect([...(await einsum("ij,jk->ik", x, y).data())]).toEqual(wanted);
  });

  it("empty axes: nothing sums to 0", async () => {
    expect([...(await einsum("ij,jk->ik", zeros([1, 0]), zeros([0, 2])).data())]).toEqual([0, 0]);
  });
});

describe("gradients", () => {
  it.each<[string, number[][]]>([
    ["bij,bjk->bik", [[2, 2, 3], [2, 3, 2]]], // prettier-ignore
    ["bchw,oc->bohw", [[1, 3, 2, 2], [2, 3]]], // prettier-ignore
    ["ii->i", [[3, 3]]],
    ["iij,j->i", [[2, 2, 3], [3]]], // prettier-ignore
    ["ij,ij->", [[2, 3], [2, 1]]], // prettier-ignore
    ["i,j,ij->ij", [[2], [3], [2, 3]]],
  ])("of %s, of both orders", async (equation, shapes) => {
    const operands = shapes.map((shape, index) => uniform(shape, index + 10));
    expect(einsum(equation, ...operands).rank).toBe(equation.split("->")[1]?.length);
    await expectGradient((...list) => einsum(equation, ...list), operands);
    await expectSecondGradient((...list) => einsum(equation, ...list).square(), operands);
  });
});

describe("errors name the subscript", () => {
  const [a, b] = [uniform([2, 3], 1), uniform([4, 5], 2)];
  it.each<[string, () => unknown, new (...args: never[]) => Error, RegExp]>([
    [
      "lengths that differ",
      () => einsum("ij,jk->ik", a, b),
      ShapeError,
      /^einsum: subscript "j" is 3 and, in operand 1 \[4, 5\], 4\. Remedy/,
    ],
    [
      "a diagonal of no square",
      () => einsum("ii->i", a),
      ShapeError,
      /subscript "i" is 2 and, in operand 0 \[2, 3\], 3/,
    ],
    [
      "... that does not broadcast",
      () => einsum("...,...", a, b),
      ShapeError,
      /subscript "\.\.\." is 2 and, in operand 1 \[4, 5\], 4/,
    ],
    ["too few letters", () => einsum("i->i", a), ShapeError, /"i" names 1 axes, operand 0 is \[2, 3\]/],
    ["too many letters", () => einsum("ijk,...", a, b), ShapeError, /"ijk" names 3 axes, operand 0 is \[2, 3\]/],
    [
      "another number of operands",
      () => einsum("ij,jk->ik", a),
      AttributeError,
      /"ij,jk->ik" is of 2 operands, 1 are given/,
    ],
    [
      "a result that is in no operand",
      () => einsum("ij->ik", a),
      AttributeError,
      /subscript "k" of the result is in no operand/,
    ],
    [
      "a result that stands twice",
      () => einsum("ij->ii", a),
      AttributeError,
      /subscript "i" stands twice in the result "ii"/,
    ],
    ["what is no letter", () => einsum("i1->i", a), AttributeError, /"1" in "i1" is no subscript/],
    ["two points", () => einsum("i..", a), AttributeError, /"\." in "i\.\." is no subscript/],
    ["... twice", () => einsum("...i...", a), AttributeError, /"\.\.\.i\.\.\." has "\.\.\." twice/],
    ["two results", () => einsum("ij->i->j", a), AttributeError, /"ij->i->j" has "->" twice/],
  ])("%s", (_, call, type, message) => {
    expect(call).toThrow(type);
    expect(call).toThrow(message);
  });
});
