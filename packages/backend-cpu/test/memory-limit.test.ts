// A limit of memory: values are computed again until a run fits, the numbers stay the same, and what cannot fit is told before anything is allocated.
import {
  at,
  BackendError,
  compile,
  conv,
  fromHost,
  grad,
  matmul,
  relu,
  tanh,
  type Tensor,
  useBackend,
  zeros,
} from "@stria/core";
import { afterEach, expect, test, vi } from "vitest";
import { cpu, type ExplainedMemory, explain } from "../src/index.ts";
import { Arena } from "../src/memory/arena.ts";
import { mostBytes } from "../src/program/memory-use.ts";
import { Random } from "./support/random.ts";

const random = new Random(8);
const depth = 12;
const shapes = [[4, 3, 16, 16], [8, 3, 3, 3], ...Array.from({ length: depth - 1 }, () => [8, 8, 3, 3])];
const numbers = shapes.map((shape) => random.value(shape).data);

function given(): Tensor[] {
  return shapes.map((shape, index) => fromHost(at(numbers, index), shape, "float32"));
}

/** A chain of convolutions, each with something elementwise behind it, and its gradients. */
function network(): ReturnType<typeof compile<Tensor[], Tensor[]>> {
  return compile((...all: Tensor[]) =>
    grad(([x, ...weights]: Tensor[]) => {
      if (!x) throw new RangeError("no image");
      return weights.reduce((y, weight) => tanh(relu(conv(y, weight, { padding: 1 }).mul(0.5)).add(0.1)), x).sum();
    })(all),
  );
}

const answers = async (): Promise<Float32Array[]> =>
  Promise.all(network()(...given()).map(async (result) => Float32Array.from(await result.data())));
const memory = async (): Promise<ExplainedMemory> => (await explain(network(), given())).memory;

afterEach(() => vi.restoreAllMocks());

/** Bytes that a run takes without a limit, and its results. */
async function unlimited(deterministic: boolean): Promise<{ most: number; results: Float32Array[] }> {
  const backend = await useBackend(cpu({ threads: 1, deterministic }));
  const most = mostBytes(await memory());
  const results = await answers();
  backend.dispose();
  return { most, results };
}

test.each([0.8, 0.6])("at %f of what a run would take it fits, with the same bits", async (share) => {
  const { most, results } = await unlimited(true);
  const memoryLimit = Math.floor(most * share);
  const backend = await useBackend(cpu({ threads: 1, deterministic: true, memoryLimit }));
  expect(mostBytes(await memory())).toBeLessThanOrEqual(memoryLimit);
  expect(await answers()).toEqual(results);
  // What was said is what is allocated.
  const allocate = vi.spyOn(Arena.prototype, "allocate");
  await answers();
  const workspace = (await memory()).workspace;
  expect(allocate.mock.calls.map(([bytes]) => bytes)).toContain(workspace);
  expect(Math.max(...allocate.mock.calls.map(([bytes]) => bytes))).toBeLessThan(memoryLimit);
  backend.dispose();
});

test("a limit that is never reached changes nothing", async () => {
  const { most, results } = await unlimited(false);
  const backend = await useBackend(cpu({ threads: 1, memoryLimit: most }));
  expect(mostBytes(await memory())).toBe(most);
  expect(await answers()).toEqual(results);
  backend.dispose();
});

test("an op that is called at once is held to the limit too, and named; the next one runs", async () => {
  const backend = await useBackend(cpu({ threads: 1, memoryLimit: 1e6 }));
  const [large, small] = [300, 30].map((size) => zeros([size, size]));
  const { bytes } = backend.memory();
  if (!large || !small) throw new RangeError("there are two");
  await expect((async () => matmul(large, large).data())()).rejects.toThrow(
    /memoryLimit is 1\.0 MB, and matmul\(float32\[300, 300\], float32\[300, 300\]\) takes at least \d+ bytes .* larger memoryLimit/,
  );
  expect(backend.memory().bytes).toBeLessThanOrEqual(bytes + 2 * 360_000);
  expect(await matmul(small, small).data()).toEqual(new Float32Array(900));
  backend.dispose();
});

test("what cannot fit is told, with the least that a run takes; that is enough", async () => {
  const { results } = await unlimited(true);
  const small = await useBackend(cpu({ threads: 1, deterministic: true, memoryLimit: 1e5 }));
  const allocate = vi.spyOn(Arena.prototype, "allocate");
  const failure: unknown = await explain(network(), given()).catch((error: unknown) => error);
  expect(allocate).not.toHaveBeenCalled();
  expect(failure).toBeInstanceOf(BackendError);
  const [, least] =
    /memoryLimit is 0\.1 MB, and a run of this program takes at least (\d+) bytes \(\d+\.\d MB\): inputs .* between its steps .*\. Remedy: use a smaller batch or fewer threads, or a larger memoryLimit/.exec(
      String(failure),
    ) ?? [];
  await expect(answers()).rejects.toThrow(BackendError);
  small.dispose();

  const backend = await useBackend(cpu({ threads: 1, deterministic: true, memoryLimit: Number(least) }));
  expect(await answers()).toEqual(results);
  backend.dispose();
  await expect(cpu({ memoryLimit: 0 })).rejects.toThrow("memoryLimit is 0. Remedy: give it bytes, or leave it out");
});
