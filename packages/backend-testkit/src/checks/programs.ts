// Runs and programs beside each other: order, concurrency, and programs that look alike.
import { type DeviceBuffer, type Executable, type Graph, at } from "@stria/core";
import type { Check } from "../check.ts";
import { graphOf } from "../graphs.ts";
import { freeAll, hold, holds, unchanged, uploadVector, vector } from "./expect.ts";

const group = "programs";

/** x * 2 + constant. */
function affine(constant: number): Graph {
  return graphOf(
    [vector],
    [
      { op: "add", inputs: [0, 0] },
      { op: "add", inputs: [2, 1] },
    ],
    [3],
    { constants: [{ aval: vector, data: new Float32Array(3).fill(constant) }] },
  );
}

/** Two rows of three, of which `start` and what follows is read. */
function part(start: number): Graph {
  return graphOf([vector], [{ op: "slice", inputs: [0], attrs: { start: [start], size: [1], stride: [1] } }], [1]);
}

function step(program: Executable, input: DeviceBuffer): DeviceBuffer {
  return at(program.run([input], [0]), 0);
}

export const programChecks: readonly Check[] = [
  {
    group,
    name: "runs that are enqueued without waiting happen in order",
    run: async ({ backend }) => {
      const before = backend.memory();
      const program = await backend.compile(affine(1));
      let value = uploadVector(backend, 0, 1, 2);
      for (let run = 0; run < 12; run++) value = step(program, value);
      const faults = await holds(backend, value, [4095, 8191, 12_287], "12 runs, each on the last one's result");
      backend.free(value);
      program.dispose();
      return [...faults, ...unchanged(backend, before, "12 runs")];
    },
  },
  {
    group,
    name: "each run gives the answer of its own inputs",
    run: async ({ backend }) => {
      const program = await backend.compile(affine(1));
      const inputs = [0, 1, 2, 3].map((k) => uploadVector(backend, k, k, k));
      const results = inputs.map((input) => at(program.run([input], []), 0));
      freeAll(backend, inputs); // a queued run still has them
      const faults = await hold(
        backend,
        results,
        [0, 1, 2, 3].map((k) => [2 * k + 1, 2 * k + 1, 2 * k + 1]),
        "four runs at once",
      );
      freeAll(backend, results);
      program.dispose();
      return faults;
    },
  },
  {
    group,
    name: "two programs at once, compiled at once, that differ in a constant",
    run: async ({ backend }) => {
      const [one, ten] = await Promise.all([backend.compile(affine(1)), backend.compile(affine(10))]);
      let [a, b] = [uploadVector(backend, 0, 1, 2), uploadVector(backend, 0, 1, 2)];
      for (let run = 0; run < 3; run++) [a, b] = [step(one, a), step(ten, b)];
      const faults = (
        await Promise.all([holds(backend, a, [7, 15, 23], "the one"), holds(backend, b, [70, 78, 86], "the other")])
      ).flat();
      one.dispose();
      b = step(ten, b);
      faults.push(...(await holds(backend, b, [150, 166, 182], "the other, after the one is gone")));
      ten.dispose();
      freeAll(backend, [a, b]);
      return faults;
    },
  },
  {
    group,
    name: "programs that differ in an attribute alone",
    run: async ({ backend }) => {
      const programs = await Promise.all([part(0), part(1), part(2)].map((graph) => backend.compile(graph)));
      const input = uploadVector(backend, 5, 6, 7);
      const results = programs.map((program) => at(program.run([input], []), 0));
      const faults: string[] = [];
      for (const [index, result] of results.entries())
        if ((await backend.download(result))[0] !== 5 + index) faults.push(`slice from ${index} gives another place`);
      freeAll(backend, [input, ...results]);
      for (const program of programs) program.dispose();
      return faults;
    },
  },
  {
    group,
    name: "a program that was compiled, thrown away and compiled again",
    run: async ({ backend }) => {
      const before = backend.memory();
      const faults: string[] = [];
      for (let turn = 0; turn < 3; turn++) {
        const program = await backend.compile(affine(turn));
        const result = step(program, uploadVector(backend, 1, 1, 1));
        program.dispose();
        faults.push(...(await holds(backend, result, [2 + turn, 2 + turn, 2 + turn], `turn ${turn}`)));
        backend.free(result);
      }
      return [...faults, ...unchanged(backend, before, "3 programs")];
    },
  },
];
