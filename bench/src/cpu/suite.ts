// Everything that the CPU backend is held to, beside its peers, in parts: `--only PART,PART`, `--filter NAME`.
import type { Row, SuiteOptions } from "../row.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { startOtherNodes } from "./other-nodes.ts";
import { pythonWithTorch, startTorches } from "./torch.ts";

const parts: Readonly<Record<string, () => Promise<{ measure(options: PartOptions): Promise<Row[]> }>>> = {
  training: () => import("./training.ts"),
  inference: () => import("./inference.ts"),
  micro: () => import("./micro.ts"),
  start: () => import("./start.ts"),
  memory: () => import("./memory.ts"),
  bundle: () => import("./bundle-size.ts"),
  demo: () => import("./demo.ts"),
};

/** @throws RangeError for a part that is not there. */
export async function measure(options: SuiteOptions): Promise<Row[]> {
  const names = options.only === undefined ? Object.keys(parts) : options.only.split(",");
  for (const name of names)
    if (!Object.hasOwn(parts, name))
      throw new RangeError(`there is no part ${name}: --only ${Object.keys(parts).join(",")}`);
  const python = pythonWithTorch(options.python);
  const torches = await startTorches(python);
  return inTemporaryFolder(async (folder) => {
    const nodes = await startOtherNodes(options.node, folder);
    const given: PartOptions = {
      threads: options.threadCounts ?? [1, 2],
      filter: options.filter ?? "",
      rounds: options.rounds,
      python,
      torches,
      nodes,
      onnxruntimeNode: options.onnxruntimeNode,
    };
    const rows: Row[] = [];
    for (const part of names)
      rows.push(...((await (await parts[part]?.())?.measure(given)) ?? []).map((row): Row => ({ ...row, part })));
    for (const child of [...torches, ...nodes.map((node) => node.child)]) child.stop();
    return rows;
  });
}
