// One network or layer on everybody: each makes it ready from the same numbers, its answer is compared with ours, and then all are timed in turn.
import { join } from "node:path";
import { type Measured, reasonOf } from "./case.ts";
import { startCeilings } from "./ceilings.ts";
import type { Child, Reply } from "./child.ts";
import { type Entrant, type Fallen, contest } from "./contest.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { nodeOn, processOf } from "./process-of.ts";
import { beside, onThreads, peakLine, rowsOf } from "./rows.ts";

export interface Subject {
  readonly name: string;
  /** What it is handed over as. */
  readonly kind: "train" | "predict";
  /** Which part of an answer is compared, a list of numbers. */
  readonly answer: string;
  /** @throws Error where the numbers of somebody are not ours. */
  readonly compare: (found: readonly number[], ours: readonly number[]) => void;
  /** What PyTorch is told, besides the name and a file. */
  readonly torch: Reply;
  /** Milliseconds after which no further round starts. */
  readonly budget: number;
  /** Milliseconds that a sample takes at least, where not as in other contests. */
  readonly sample?: number;
  /** Whether the WebAssembly peers can do it. */
  readonly web: boolean;
  /** Whether what the machine's threads can do at all is measured beside it. */
  readonly ceilings: boolean;
}

interface Invited {
  readonly child: Child;
  /** What it is told to make it ready. */
  readonly request: Reply;
  readonly threads: readonly number[];
}

/** Everybody but Stria in this Node. */
function invitedTo({ kind, torch, web }: Subject, { company, threads }: PartOptions, path: string): Invited[] {
  return [
    ...company.nodes.map(({ child }) => ({ child, request: { do: kind, threads }, threads })),
    ...(web ? company.web : []).map(({ child, threads: count }) => ({
      child,
      request: { do: "prepare", file: path },
      threads: [count],
    })),
    ...company.torches.map((child) => ({ child, request: { ...torch, file: `${path}.safetensors` }, threads })),
  ];
}

function numbersIn(reply: Reply, key: string): number[] | undefined {
  const found = reply[key];
  return Array.isArray(found) ? found.map(Number) : undefined;
}

/** The operations of a run, from the process that writes the files of the others. */
async function handOver({ kind, name }: Subject, path: string): Promise<number> {
  const told: unknown = JSON.parse((await processOf(nodeOn("programs/hand-over.ts", kind, name, path))).text);
  return typeof told === "object" && told !== null ? Number(Reflect.get(told, "operations")) : Number.NaN;
}

/** Rows of everybody, ratios to the peers among them; who dies or answers otherwise is left out. @throws Error where Stria itself does. */
export async function meet(subject: Subject, options: PartOptions): Promise<Measured> {
  const { name, kind, answer, compare, budget, sample } = subject;
  const { threads, rounds, company } = options;
  return inTemporaryFolder(async (folder) => {
    const path = join(folder, name);
    const operations = await handOver(subject, path);
    const ours = numbersIn(await company.stria.ask({ do: kind, net: name, threads }), answer) ?? [];
    const fallen: Fallen[] = [];
    const entrants: Entrant[] = threads.map((count) => company.stria.entrant(name, count));
    for (const { child, request, threads: counts } of invitedTo(subject, options, path)) {
      try {
        const found = numbersIn(await child.ask({ ...request, net: name }), answer);
        if (found) compare(found, ours);
        entrants.push(...counts.map((count) => child.entrant(name, count)));
      } catch (error) {
        await child.stop(); // what it has made is in nobody's way
        fallen.push(
          ...counts.map((count) => ({
            contestant: `${child.name}, ${onThreads(count)}`,
            reason: reasonOf(error),
          })),
        );
      }
    }
    const ceilings = subject.ceilings ? startCeilings(threads) : undefined;
    const result = await contest([...entrants, ...(ceilings?.entrants ?? [])], { rounds, budget, sample });
    await ceilings?.end();
    console.log(`${name}: ${peakLine(result)}`);
    const peers = [...company.web.map(({ child }) => child), ...company.torches].map((child) => child.name);
    return {
      rows: rowsOf(name, result, operations, beside(company.nodes, new Set(peers), threads)),
      fallen: [...fallen, ...result.fallen],
    };
  });
}
