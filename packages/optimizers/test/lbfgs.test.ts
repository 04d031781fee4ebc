// L-BFGS: against PyTorch's, on a model, and where it must stop.
import {
  AttributeError,
  Parameter,
  type Tensor,
  add,
  compile,
  concat,
  log,
  matmul,
  mul,
  reshape,
  square,
  sub,
  sum,
  tensor,
  useBackend,
  valueAndGrad,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type LbfgsOptions,
  type NamedTensors,
  type Objective,
  lbfgs,
  minimise,
  minimiseModel,
  parametersOf,
} from "../src/index.ts";
import { caseOf, expectClose, stored } from "./goldens.ts";

const backend = reference();

beforeAll(async () => {
  await useBackend(backend);
});

function named(parameters: NamedTensors, name: string): Tensor {
  return parameters.get(name) ?? tensor([]);
}

function rosenbrock(parameters: NamedTensors): Tensor {
  const [a, b] = [named(parameters, "a"), named(parameters, "b")];
  return sum(add(square(sub(1, a)), mul(square(sub(b, square(a))), 100)));
}

function quadratic(parameters: NamedTensors): Tensor {
  const constant = (key: string): Tensor => tensor(stored(key).data, { shape: stored(key).shape });
  const x = concat([named(parameters, "a"), named(parameters, "b")], 0);
  const product = reshape(matmul(constant("quadratic/matrix"), reshape(x, [5, 1])), [5]);
  return sub(mul(sum(mul(x, product)), 0.5), sum(mul(constant("quadratic/vector"), x)));
}

function objectiveOf(f: (parameters: NamedTensors) => Tensor): Objective {
  return compile((parameters: NamedTensors) => valueAndGrad(f)(parameters));
}

interface Case {
  readonly f: (parameters: NamedTensors) => Tensor;
  readonly start: Readonly<Record<string, number[]>>;
  readonly options: LbfgsOptions;
}

const quadraticStart = { a: [1, -1, 0.5], b: [2, -0.5] };
const cases: Readonly<Record<string, Case>> = {
  "lbfgs/quadratic-wolfe": {
    f: quadratic,
    start: quadraticStart,
    options: { maxIterations: 2, maxEvaluations: 1000, historySize: 5 },
  },
  "lbfgs/quadratic-plain": {
    f: quadratic,
    start: quadraticStart,
    options: { learningRate: 0.5, maxIterations: 1, historySize: 5, lineSearch: false },
  },
  "lbfgs/rosenbrock-wolfe": {
    f: rosenbrock,
    start: { a: [-1.2], b: [1] },
    options: { maxIterations: 4, maxEvaluations: 1000, historySize: 5 },
  },
  "lbfgs/rosenbrock-plain": {
    f: rosenbrock,
    start: { a: [0.5], b: [0.5] },
    options: { learningRate: 0.2, maxIterations: 1, historySize: 5, lineSearch: false },
  },
};

function tensorsOf(values: Readonly<Record<string, number[]>>): NamedTensors {
  return new Map(Object.entries(values).map(([name, numbers]) => [name, tensor(numbers)]));
}

describe("lbfgs", () => {
  it.each(Object.entries(cases))("%s", async (id, { f, start, options }) => {
    const { steps = [], rtol, atol } = caseOf(id);
    expect(steps.length).toBeGreaterThan(0);
    const [method, objective] = [lbfgs(options), objectiveOf(f)];
    let state = await method.init(tensorsOf(start));
    for (let step = 1; step <= 20; step++) {
      state = await method.step(objective, state);
      if (!steps.includes(step)) continue;
      const parameters = parametersOf(state);
      for (const [name, found] of parameters) await expectClose(found, `${id}/step${step}/${name}`, rtol, atol);
      await expectClose(f(parameters), `${id}/step${step}/value`, rtol, atol);
    }
  });

  it("changes no state that it was given: a step can be made again", async () => {
    const [method, objective] = [lbfgs({ maxIterations: 3, maxEvaluations: 100 }), objectiveOf(rosenbrock)];
    const first = await method.step(objective, await method.init(tensorsOf({ a: [-1.2], b: [1] })));
    const second = await method.step(objective, first);
    expect(await method.step(objective, structuredClone(first))).toEqual(second);
    expect(second.iterations).toBe(6);
  });

  it.each([
    { maxIterations: 0 },
    { historySize: 0 },
    { maxEvaluations: 1.5 },
    { learningRate: -1 },
    { gradientTolerance: Number.NaN },
  ])("refuses %j", (options) => {
    expect(() => lbfgs(options)).toThrow(AttributeError);
  });
});

describe("minimise", () => {
  it("finds the minimum of Rosenbrock's function, and says why it stopped", async () => {
    const found = await minimise(objectiveOf(rosenbrock), tensorsOf({ a: [-1.2, 2], b: [1, -1] }));
    expect(found.stopped).toMatch(/gradient|change/);
    expect(found.value).toBeLessThan(1e-8);
    for (const value of found.parameters.values()) for (const x of await value.data()) expect(x).toBeCloseTo(1, 3);
  });

  it("stops at once at a minimum, and at its limits", async () => {
    const bowl = objectiveOf((p) => sum(square(named(p, "x"))));
    expect(await minimise(bowl, tensorsOf({ x: [0] }))).toMatchObject({ stopped: "gradient", iterations: 0, value: 0 });
    const short = await minimise(objectiveOf(rosenbrock), tensorsOf({ a: [-1.2], b: [1] }), { maxIterations: 2 });
    expect(short).toMatchObject({ stopped: "iterations", iterations: 2 });
    const few = await minimise(objectiveOf(rosenbrock), tensorsOf({ a: [-1.2], b: [1] }), { maxEvaluations: 3 });
    expect(few.stopped).toBe("evaluations");
  });

  it("ends at a signal with what was reached, and goes on from there to the same minimum", async () => {
    const start = tensorsOf({ a: [-1.2], b: [1] });
    const before = await minimise(objectiveOf(rosenbrock), start, { signal: AbortSignal.abort() });
    expect(before).toMatchObject({ stopped: "signal", iterations: 0 });
    expect(await before.parameters.get("a")?.data()).toEqual(Float32Array.of(-1.2));
    const controller = new AbortController();
    let evaluations = 0;
    const counted: Objective = (parameters) => {
      if (++evaluations === 12) controller.abort();
      return objectiveOf(rosenbrock)(parameters);
    };
    const found = await minimise(counted, start, { signal: controller.signal });
    expect(found.stopped).toBe("signal");
    expect(found.value).toBeLessThan(before.value);
    const whole = await minimise(objectiveOf(rosenbrock), start, { maxIterations: found.iterations });
    expect(found.value).toBe(whole.value);
  });

  it("searches its way back from where the function is not finite", async () => {
    // x - log x: a first step of 100 leads far below 0, where the logarithm is NaN
    const barrier = objectiveOf((p) => sum(sub(named(p, "x"), log(named(p, "x")))));
    const found = await minimise(barrier, tensorsOf({ x: [3] }), { learningRate: 100 });
    expect((await found.parameters.get("x")?.data())?.[0]).toBeCloseTo(1, 3);
    await expect(minimise(barrier, tensorsOf({ x: [-1] }))).rejects.toThrow("is not finite");
    const blind = minimise(barrier, tensorsOf({ x: [3] }), { learningRate: 100, lineSearch: false });
    await expect(blind).rejects.toThrow("search the lines");
  });

  it("refuses gradients that do not fit", async () => {
    const missing: Objective = (p) => ({ value: sum(named(p, "x")), grads: new Map() });
    await expect(minimise(missing, tensorsOf({ x: [1] }))).rejects.toThrow("the gradient of x is missing");
  });

  it("leaves no tensor behind but the result", async () => {
    const objective = objectiveOf(rosenbrock);
    const start = tensorsOf({ a: [-1.2], b: [1] });
    const run = async (): Promise<void> => {
      const { parameters } = await minimise(objective, start);
      for (const value of parameters.values()) value.dispose();
    };
    await run();
    const before = backend.memory();
    await run();
    expect(backend.memory()).toEqual(before);
  });
});

describe("minimiseModel", () => {
  const line = (): { slope: Parameter; shift: Parameter } => ({
    slope: new Parameter([1], () => Float32Array.of(0)),
    shift: new Parameter([1], () => Float32Array.of(0)),
  });
  const x = tensor([0, 1, 2, 3]);
  const y = tensor([1, 3, 5, 7]);
  const squares = ({ slope, shift }: ReturnType<typeof line>): Tensor =>
    sum(square(sub(add(mul(x, slope.value), shift.value), y)));

  it("fits a line by least squares: y = 2 x + 1", async () => {
    const model = line();
    const { value, stopped } = await minimiseModel(model, squares);
    expect(stopped).toMatch(/gradient|change/);
    expect(value).toBeLessThan(1e-9);
    expect((await model.slope.value.data())[0]).toBeCloseTo(2, 4);
    expect((await model.shift.value.data())[0]).toBeCloseTo(1, 4);
  });

  it("leaves frozen parameters alone", async () => {
    const model = line();
    model.shift.trainable = false;
    await minimiseModel(model, squares);
    expect((await model.slope.value.data())[0]).toBeCloseTo(34 / 14, 4); // sum x y / sum x^2
    expect((await model.shift.value.data())[0]).toBe(0);
    model.slope.trainable = false;
    await expect(minimiseModel(model, squares)).rejects.toThrow("no trainable parameters");
  });

  it("leaves the parameters where a signal ended it", async () => {
    const model = line();
    const minimum = await minimiseModel(model, squares, { signal: AbortSignal.abort() });
    expect(minimum).toMatchObject({ stopped: "signal", value: 84 }); // 1 + 9 + 25 + 49
    expect((await model.slope.value.data())[0]).toBe(0);
  });

  it("puts the parameters back when it fails", async () => {
    const model = line();
    model.slope.load(Float32Array.of(-1));
    await expect(minimiseModel(model, (m) => sum(log(m.slope.value)))).rejects.toThrow("is not finite");
    expect((await model.slope.value.data())[0]).toBe(-1);
  });
});
