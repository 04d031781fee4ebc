// The most memory that a process takes which trains, above one that only loads what is needed for it. PyTorch likewise, where it is at hand.
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";
import { Child } from "./child.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { nodeOn, processOf } from "./process-of.ts";
import { join } from "node:path";
import { trainingNets } from "./training-nets.ts";
import { writeBatch } from "./stria-step.ts";

const steps = 5;

function kilobytesOf(text: string): number {
  const told: unknown = JSON.parse(text);
  return typeof told === "object" && told !== null ? Number(Reflect.get(told, "kilobytes")) : Number.NaN;
}

function row(name: string, peak: number, loaded: number, empty: number | undefined): Row {
  const megabytes = (kilobytes: number): number => Math.round(kilobytes / 102.4) / 10;
  return {
    name,
    figures: {
      "peak MB": megabytes(peak),
      "above what is loaded MB": megabytes(peak - loaded),
      ...(empty !== undefined && { "above an empty process MB": megabytes(peak - empty) }),
    },
  };
}

/** A row with what it takes as a share of what PyTorch takes, both above what is loaded. */
function withShare(ours: Row, theirs: Row): Row {
  const of = ({ figures }: Row): number => figures["above what is loaded MB"] ?? Number.NaN;
  return { ...ours, figures: { ...ours.figures, "times PyTorch's": Number((of(ours) / of(theirs)).toPrecision(3)) } };
}

/** The six nets, or those that the filter leaves. */
export async function measure({ threads, filter, python }: PartOptions): Promise<Row[]> {
  const says = "console.log(JSON.stringify({ kilobytes: process.resourceUsage().maxRSS }))";
  const empty = kilobytesOf((await processOf([process.execPath, "-e", says])).text);
  return inTemporaryFolder(async (folder) => {
    const all: Row[] = [];
    for (const net of trainingNets.filter(({ name }) => name.includes(filter))) {
      const rows: Row[] = [];
      for (const count of threads) {
        const run = async (times: number): Promise<number> =>
          kilobytesOf((await processOf(nodeOn("programs/steps.ts", net.name, String(count), String(times)))).text);
        const loaded = await run(0);
        rows.push(row(`${net.name}: stria, ${count} thread${count === 1 ? "" : "s"}`, await run(steps), loaded, empty));
      }
      if (python === undefined) {
        all.push(...rows);
        continue;
      }
      const file = join(folder, `${net.name}.safetensors`);
      await writeBatch(net, file);
      const torch = new Child("PyTorch", [python, fileURLToPath(new URL("peer.py", import.meta.url))]);
      await torch.reply();
      const used = async (): Promise<number> => Number((await torch.ask({ do: "memory", net: net.name }))["kilobytes"]);
      const loaded = await used();
      await torch.ask({ do: "train", net: net.name, file });
      await torch.ask({ do: "run", net: net.name, threads: 1, times: steps });
      const theirs = row(`${net.name}: PyTorch, 1 thread`, await used(), loaded, undefined);
      all.push(...rows.map((ours) => withShare(ours, theirs)), theirs);
      torch.stop();
    }
    return all;
  });
}
