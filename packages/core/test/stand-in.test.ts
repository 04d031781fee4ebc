// Cells by all their paths, patterns over paths, and tensors in the place of a cell's value.
import { beforeAll, expect, it } from "vitest";
import {
  Parameter,
  cellPaths,
  compile,
  grad,
  namedCells,
  pathPattern,
  tensor,
  useBackend,
  type Tensor,
} from "../src/index.ts";
import { reference } from "../src/reference/index.ts";

beforeAll(() => useBackend(reference()));

const ones = (): Parameter => new Parameter([2], () => Float32Array.of(1, 1));

it("finds a shared cell under each of its paths, and ends where a model leads back to itself", () => {
  const shared = ones();
  const model: Record<string, unknown> = { a: shared, list: [shared, ones()], same: {} };
  model["same"] = { again: model, b: shared };
  expect([...namedCells(model).keys()]).toEqual(["a", "list.1"]);
  expect([...cellPaths(model).keys()]).toEqual(["a", "list.0", "list.1", "same.b"]);
  expect(shared.path).toBe("a");
});

it.each([
  ["layer1.*", ["layer1.0.weight", "layer1.bn"]],
  ["*.weight", ["layer1.0.weight"]],
  ["fc", ["fc"]],
  ["*", ["layer1.0.weight", "layer1.bn", "fc", "layer10"]],
  ["layer1.?", []],
])("the pattern %s matches whole paths", (pattern, wanted) => {
  const paths = ["layer1.0.weight", "layer1.bn", "fc", "layer10"];
  expect(paths.filter((path) => pathPattern(pattern).test(path))).toEqual(wanted);
});

it("another tensor stands in a cell's place for a call, in a trace too, and gets the gradient", async () => {
  const cell = ones();
  const double = (): Tensor => cell.value.mul(2);
  expect(await cell.standIn(tensor([3, 4]), double).array()).toEqual([6, 8]);
  expect(await double().array()).toEqual([2, 2]);
  const inside = compile((x: Tensor) => cell.standIn(x, () => cell.standIn(x.add(1), double).add(double())));
  expect(await inside(tensor([1, 2])).array()).toEqual([6, 10]);
  const gradient = grad((x: Tensor) => cell.standIn(x, () => double().square().sum()))(tensor([1, 2]));
  expect(await gradient.array()).toEqual([8, 16]);
  const failing = (): never => {
    throw new Error("inside");
  };
  expect(() => cell.standIn(tensor([0, 0]), failing)).toThrow("inside");
  expect(await cell.value.array()).toEqual([1, 1]);
  expect(() => cell.standIn(tensor([0]), double)).toThrow("cannot stand for a float32[2]");
});

it("tells its numbers while they are on the host, and whether a tensor was disposed", async () => {
  const cell = ones();
  expect([...(cell.hostData ?? [])]).toEqual([1, 1]);
  cell.set(cell.value.mul(3));
  expect(cell.hostData).toBeUndefined();
  expect(await cell.value.array()).toEqual([3, 3]);
  const x = tensor([1]);
  expect(x.isDisposed).toBe(false);
  x.dispose();
  expect(x.isDisposed).toBe(true);
});
