// What nothing can reach any more gives its memory back, models and compiled functions too: nobody calls dispose.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { type Backend, type Executable, type Graph, compile, tensor, useBackend } from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { batch, descent, smallModel } from "./support/model.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** The reference, and how many of its executables live. */
function counted(): { backend: Backend; live: () => number } {
  const inner = reference();
  let live = 0;
  const backend: Backend = {
    ...inner,
    async compile(graph: Graph): Promise<Executable> {
      const executable = await inner.compile(graph);
      live++;
      return {
        run: (inputs, donated) => executable.run(inputs, donated),
        dispose() {
          live--;
          executable.dispose();
        },
      };
    },
  };
  return { backend, live: () => live };
}

it("models, their programs and what these captured", async () => {
  const { backend, live } = counted();
  await useBackend(backend);
  const train = async (): Promise<void> => {
    const model = smallModel();
    const scale = tensor(2);
    const step = descent(model, { modules: [model] });
    const scaled = compile((x: typeof scale) => x.mul(scale).add(model.dense.weight.value.sum()), { modules: [model] });
    const { x, labels } = batch();
    await step(x, labels).item();
    await scaled(x).data();
  };
  for (let i = 0; i < 5; i++) await train();
  expect(backend.memory().buffers).toBeGreaterThan(0);
  expect(live()).toBe(10);
  await expect
    .poll(
      () => {
        collect();
        return [backend.memory().bytes, backend.memory().buffers, live()];
      },
      { timeout: 120_000 },
    )
    .toEqual([0, 0, 0]);
});
