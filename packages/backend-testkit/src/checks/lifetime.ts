// Who owns buffers: results, donated inputs, values under two names, constants; and that everything is given back.
import { type DeviceBuffer, type Graph, at } from "@stria/core";
import type { Check } from "../check.ts";
import { graphOf } from "../graphs.ts";
import { fails, freeAll, hold, holds, unchanged, uploadVector, vector } from "./expect.ts";

const group = "lifetime";

/** Results: a + b twice, a itself; the new value of b: b * a. */
function everyWay(): Graph {
  return graphOf(
    [vector, vector],
    [
      { op: "add", inputs: [0, 1] },
      { op: "mul", inputs: [1, 0] },
    ],
    [2, 2, 0],
    { writebacks: [{ from: 3, to: 1 }] },
  );
}

const wanted = [
  [11, 22, 33],
  [11, 22, 33],
  [1, 2, 3],
  [10, 40, 90],
];

export const lifetimeChecks: readonly Check[] = [
  {
    group,
    name: "every result has an owner of its own",
    run: async ({ backend }) => {
      const before = backend.memory();
      const program = await backend.compile(everyWay());
      const [a, b] = [uploadVector(backend, 1, 2, 3), uploadVector(backend, 10, 20, 30)];
      const results = program.run([a, b], []);
      const faults = await hold(backend, results, wanted, "a run");
      freeAll(backend, [a, at(results, 0)]);
      faults.push(...(await hold(backend, results.slice(1), wanted.slice(1), "after an input and a twin were freed")));
      freeAll(backend, [b, ...results.slice(1)]);
      program.dispose();
      return [...faults, ...unchanged(backend, before, "everything was freed")];
    },
  },
  {
    group,
    name: "a donated input is taken over, others are kept",
    run: async ({ backend }) => {
      const before = backend.memory();
      const program = await backend.compile(everyWay());
      const [a, b] = [uploadVector(backend, 1, 2, 3), uploadVector(backend, 10, 20, 30)];
      const results = program.run([a, b], [1]);
      const faults = [
        ...(await fails(() => backend.download(b), "downloading a donated buffer")),
        ...(await hold(backend, results, wanted, "a run that was given an input")),
        ...(await holds(backend, a, [1, 2, 3], "the input that was not donated")),
      ];
      freeAll(backend, [a, ...results]);
      program.dispose();
      return [...faults, ...unchanged(backend, before, "a run that was given an input")];
    },
  },
  {
    group,
    name: "a run that throws took nothing over",
    run: async ({ backend, factory }) => {
      const other = await factory();
      const program = await backend.compile(everyWay());
      const foreign = uploadVector(other, 10, 20, 30);
      const freed = uploadVector(backend, 10, 20, 30);
      backend.free(freed);
      const faults: string[] = [];
      for (const bad of [foreign, freed]) {
        const good = uploadVector(backend, 1, 2, 3);
        const before = backend.memory();
        let results: DeviceBuffer[];
        try {
          results = program.run([good, bad], [0]);
        } catch {
          faults.push(
            ...unchanged(backend, before, "a run that threw"),
            ...(await holds(backend, good, [1, 2, 3], "a donated input, after the run threw")),
          );
          backend.free(good);
          continue;
        }
        freeAll(backend, results); // it says so at download instead, and has taken the input over
      }
      program.dispose();
      other.free(foreign);
      other.dispose();
      return faults;
    },
  },
  {
    group,
    name: "a donated input that has another name elsewhere keeps its value there",
    run: async ({ backend }) => {
      const before = backend.memory();
      const program = await backend.compile(everyWay());
      const [a, b] = [uploadVector(backend, 1, 2, 3), uploadVector(backend, 10, 20, 30)];
      const [sum, twin, name, product] = program.run([a, b], []);
      if (!sum || !twin || !name || !product) return ["a run returned fewer than 4 buffers"];
      const results = program.run([sum, name], [1]);
      const faults = [
        ...(await holds(backend, a, [1, 2, 3], "an input, after another name of it was donated")),
        ...(await holds(backend, twin, [11, 22, 33], "a result, after a run read its twin")),
        ...(await hold(
          backend,
          results,
          [
            [12, 24, 36],
            [12, 24, 36],
            [11, 22, 33],
            [11, 44, 99],
          ],
          "that run",
        )),
      ];
      freeAll(backend, [a, b, sum, twin, product, ...results]);
      program.dispose();
      return [...faults, ...unchanged(backend, before, "runs with shared values")];
    },
  },
  {
    group,
    name: "one buffer as two inputs",
    run: async ({ backend }) => {
      const program = await backend.compile(everyWay());
      const a = uploadVector(backend, 1, 2, 3);
      const results = program.run([a, a], []);
      const faults = await hold(
        backend,
        results,
        [
          [2, 4, 6],
          [2, 4, 6],
          [1, 2, 3],
          [1, 4, 9],
        ],
        "a run on one buffer twice",
      );
      freeAll(backend, [a, ...results]);
      program.dispose();
      return faults;
    },
  },
  {
    group,
    name: "inputs, also unused and donated ones, pass through and are given back",
    run: async ({ backend }) => {
      const before = backend.memory();
      const program = await backend.compile(graphOf([vector, vector], [], [0, 0]));
      const [a, b] = [uploadVector(backend, 1, 2, 3), uploadVector(backend, 4, 5, 6)];
      const results = program.run([a, b], [0, 1]);
      const faults = await hold(
        backend,
        results,
        [
          [1, 2, 3],
          [1, 2, 3],
        ],
        "a program without nodes",
      );
      freeAll(backend, results);
      program.dispose();
      return [...faults, ...unchanged(backend, before, "a program that was given all its inputs")];
    },
  },
  {
    group,
    name: "constants outlive the runs, results outlive the program",
    run: async ({ backend }) => {
      const before = backend.memory();
      const constants = [{ aval: vector, data: Float32Array.of(4, 5, 6) }];
      const program = await backend.compile(graphOf([vector], [{ op: "add", inputs: [0, 1] }], [1, 2], { constants }));
      const faults: string[] = [];
      for (let run = 0; run < 2; run++) {
        const results = program.run([uploadVector(backend, 1, 1, 1)], [0]);
        faults.push(
          ...(await hold(
            backend,
            results,
            [
              [4, 5, 6],
              [5, 6, 7],
            ],
            `run ${run}`,
          )),
        );
        freeAll(backend, results);
      }
      const results = program.run([uploadVector(backend, 1, 1, 1)], [0]);
      program.dispose();
      faults.push(
        ...(await hold(
          backend,
          results,
          [
            [4, 5, 6],
            [5, 6, 7],
          ],
          "results of a program that is gone",
        )),
      );
      freeAll(backend, results);
      return [...faults, ...unchanged(backend, before, "a program with constants")];
    },
  },
];
