// The most memory that a process takes which trains, above one that only loads what is needed for it. PyTorch likewise, where it is at hand.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Row } from "../row.ts";
import { type Case, type Measured, reasonOf } from "./case.ts";
import { Child } from "./child.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { nodeOn, processOf } from "./process-of.ts";
import { onThreads } from "./rows.ts";
import { type TrainingNet, trainingNets } from "./training-nets.ts";

const steps = 5;
const says = "console.log(JSON.stringify({ kilobytes: process.resourceUsage().maxRSS }))";

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

/**
 * A row with what it takes as a share of what PyTorch takes above what it has loaded: the same above what is loaded here, and, which is more, all that is
 * above an empty process.
 */
function withShare(ours: Row, theirs: Row): Row {
  const of = theirs.figures["above what is loaded MB"] ?? Number.NaN;
  const share = (figure: string): number => Number(((ours.figures[figure] ?? Number.NaN) / of).toPrecision(3));
  const figures = {
    ...ours.figures,
    "times PyTorch's": share("above what is loaded MB"),
    "in all, times PyTorch's": share("above an empty process MB"),
  };
  return { ...ours, figures };
}

/** What a process of ours takes: with 0 steps what it loads. */
async function ofStria(net: string, threads: number, times: number): Promise<number> {
  return kilobytesOf((await processOf(nodeOn("programs/steps.ts", net, String(threads), String(times)))).text);
}

async function ofTorch(net: TrainingNet, python: string): Promise<Row> {
  const torch = new Child("PyTorch", [python, fileURLToPath(new URL("peer.py", import.meta.url))]);
  return inTemporaryFolder(async (folder) => {
    try {
      const file = join(folder, `${net.name}.safetensors`);
      await processOf(nodeOn("programs/hand-over.ts", "train", net.name, join(folder, net.name)));
      const used = async (): Promise<number> => Number((await torch.ask({ do: "memory", net: net.name }))["kilobytes"]);
      const loaded = await used();
      await torch.ask({ do: "train", net: net.name, file });
      await torch.ask({ do: "run", net: net.name, threads: 1, times: steps });
      return row(`${net.name}: PyTorch, 1 thread`, await used(), loaded, undefined);
    } finally {
      await torch.stop();
    }
  });
}

async function measureNet(net: TrainingNet, { threads, python }: PartOptions): Promise<Measured> {
  const empty = kilobytesOf((await processOf([process.execPath, "-e", says])).text);
  const rows: Row[] = [];
  for (const count of threads) {
    const loaded = await ofStria(net.name, count, 0);
    rows.push(row(`${net.name}: stria, ${onThreads(count)}`, await ofStria(net.name, count, steps), loaded, empty));
  }
  if (python === undefined) return { rows, fallen: [] };
  try {
    const theirs = await ofTorch(net, python);
    return { rows: [...rows.map((ours) => withShare(ours, theirs)), theirs], fallen: [] };
  } catch (error) {
    return { rows, fallen: [{ contestant: "PyTorch, 1 thread", reason: reasonOf(error) }] };
  }
}

/** The six nets. */
export function casesOf(options: PartOptions): Case[] {
  return trainingNets.map((net) => ({ name: net.name, measure: () => measureNet(net, options) }));
}
