// What a backend says of itself, copies in and out, and buffers that are not its own.
import { type DType, at, contractVersion } from "@stria/core";
import type { Check } from "../check.ts";
import { graphOf } from "../graphs.ts";
import { Random } from "../random.ts";
import { fails, holds, same, uploadVector, vector } from "./expect.ts";

const group = "contract";
const needed: readonly DType[] = ["float32", "int32", "bool"];

export const contractChecks: readonly Check[] = [
  {
    group,
    name: "states its name, version, dtypes and whether it is eager",
    run: async ({ backend }) => {
      const { name, capabilities } = backend;
      const faults: string[] = [];
      if (name === "") faults.push("name is empty");
      if (backend.contractVersion !== contractVersion)
        faults.push(`contractVersion is ${backend.contractVersion}; this kit speaks ${contractVersion}`);
      for (const dtype of needed.filter((wanted) => !capabilities.dtypes.includes(wanted)))
        faults.push(`capabilities.dtypes lacks ${dtype}`);
      if (capabilities.eager !== (backend.execute !== undefined))
        faults.push(
          `capabilities.eager is ${capabilities.eager}, and execute is ${backend.execute ? "there" : "missing"}`,
        );
      const state = await Promise.race([backend.lost.then(() => "lost"), Promise.resolve("well")]);
      if (state === "lost") faults.push("`lost` is resolved at the start");
      return faults;
    },
  },
  {
    group,
    name: "upload copies before it returns, download gives a copy",
    run: async ({ backend }) => {
      const data = Float32Array.of(1, 2, 3);
      const buffer = backend.upload(data, vector);
      data.fill(9);
      const faults = await holds(backend, buffer, [1, 2, 3], "after the caller wrote to the uploaded array");
      (await backend.download(buffer)).fill(7);
      faults.push(...(await holds(backend, buffer, [1, 2, 3], "after the caller wrote to the downloaded array")));
      backend.free(buffer);
      return faults;
    },
  },
  {
    group,
    name: "every dtype comes back as it went, also without elements",
    run: async ({ backend, seed }) => {
      const random = new Random(seed);
      const faults: string[] = [];
      for (const dtype of backend.capabilities.dtypes)
        for (const shape of [[], [0], [7], [2, 3, 5], [3, 0, 2]]) {
          const { data } = random.operand(shape, dtype, { special: 0.3 });
          const buffer = backend.upload(data, { shape, dtype });
          faults.push(...same(await backend.download(buffer), data, `${dtype}[${shape.join(", ")}]`));
          backend.free(buffer);
        }
      return faults;
    },
  },
  {
    group,
    name: "a freed buffer is refused",
    run: async ({ backend }) => {
      const program = await backend.compile(graphOf([vector], [{ op: "neg", inputs: [0] }], [1]));
      const buffer = uploadVector(backend, 1, 2, 3);
      backend.free(buffer);
      const faults = [
        ...(await fails(() => backend.free(buffer), "freeing a buffer twice")),
        ...(await fails(() => backend.download(buffer), "downloading a freed buffer")),
        ...(await fails(() => backend.download(at(program.run([buffer], []), 0)), "running on a freed buffer")),
      ];
      program.dispose();
      return faults;
    },
  },
  {
    group,
    name: "a buffer of another backend is refused",
    run: async ({ backend, factory }) => {
      const other = await factory();
      const program = await backend.compile(graphOf([vector], [{ op: "neg", inputs: [0] }], [1]));
      const buffer = uploadVector(other, 1, 2, 3);
      const faults = [
        ...(await fails(() => backend.free(buffer), "freeing another backend's buffer")),
        ...(await fails(() => backend.download(buffer), "downloading another backend's buffer")),
        ...(await fails(
          () => backend.download(at(program.run([buffer], []), 0)),
          "running on another backend's buffer",
        )),
        ...(await fails(() => backend.download({ aval: vector }), "downloading an object that is no buffer")),
      ];
      program.dispose();
      other.free(buffer);
      other.dispose();
      return faults;
    },
  },
  {
    group,
    name: "a graph with an op that nobody knows is refused",
    run: async ({ backend }) => {
      const op = { name: "noSuchOp", infer: () => [vector] };
      const graph = graphOf([vector], [{ op: "neg", inputs: [0] }], [1]);
      const nodes = graph.nodes.map((node) => ({ ...node, op }));
      if (backend.supports({ op, attrs: {}, inputs: [vector], outputs: [vector] }))
        return ["supports says yes to an unknown op"];
      return fails(() => backend.compile({ ...graph, nodes }), "compiling an unknown op");
    },
  },
];
