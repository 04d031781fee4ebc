// Everything that the CPU backend is held to, beside its peers, in parts: `--only PART,PART`, `--filter NAME`.
import type { Row, SuiteOptions } from "../row.ts";
import type { PartOptions } from "./options.ts";
import { startTorches } from "./torch.ts";

const parts: Readonly<Record<string, () => Promise<{ measure(options: PartOptions): Promise<Row[]> }>>> = {
  inference: () => import("./inference.ts"),
  micro: () => import("./micro.ts"),
  memory: () => import("./memory.ts"),
  start: () => import("./start.ts"),
  training: () => import("./training.ts"),
};

/** @throws RangeError for a part that is not there. */
export async function measure(options: SuiteOptions): Promise<Row[]> {
  const names = options.only === undefined ? Object.keys(parts) : options.only.split(",");
  for (const name of names)
    if (!Object.hasOwn(parts, name))
      throw new RangeError(`there is no part ${name}: --only ${Object.keys(parts).join(",")}`);
  const torches = await startTorches(options.python);
  const given: PartOptions = {
    threads: options.threadCounts ?? [1, 2],
    filter: options.filter ?? "",
    rounds: options.rounds,
    python: options.python,
    torches,
  };
  const rows: Row[] = [];
  for (const part of names)
    rows.push(...((await (await parts[part]?.())?.measure(given)) ?? []).map((row): Row => ({ ...row, part })));
  for (const torch of torches) torch.stop();
  return rows;
}
