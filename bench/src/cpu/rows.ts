// A contest as rows: medians, the share of the register peak, and ratios to whoever is named as the peer.
import type { Row } from "../row.ts";
import { ceilingNames, isCeiling } from "./ceiling-names.ts";
import type { Contest, Figures, Result } from "./contest.ts";

/** Who is compared with whom: both by name without the net. */
export interface Ratio {
  readonly of: string;
  readonly to: string;
  readonly name: string;
}

/** A number of threads, as contestants are named. */
export function onThreads(count: number): string {
  return `${count} thread${count === 1 ? "" : "s"}`;
}

/**
 * Stria, here and in other Nodes, beside everybody who has as many threads, and beside itself on one thread; here also beside itself in other Nodes. What
 * the machine can do at all is beside itself only.
 */
export function beside(
  nodes: readonly { readonly child: { readonly name: string } }[],
  peers: Iterable<string>,
  threads: readonly number[],
): Ratio[] {
  const elsewhere = nodes.map(({ child }) => child.name);
  return threads.flatMap((count) =>
    ["stria", ...elsewhere, ...Object.values(ceilingNames)].flatMap((own): Ratio[] => {
      const of = `${own}, ${onThreads(count)}`;
      const others = isCeiling(own) ? [] : [...peers, ...(own === "stria" ? elsewhere : [])];
      return [
        ...others.map((peer) => ({ of, to: `${peer}, ${onThreads(count)}`, name: `times ${peer}` })),
        ...(count > 1 ? [{ of, to: `${own}, 1 thread`, name: "times 1 thread" }] : []),
      ];
    }),
  );
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** Times as a row has them: medians, and beside them the quartiles and the shortest, which show what disturbed them. */
export function spreadOf(wall: Figures, processor: Figures): Pick<Row, "median" | "fastest" | "figures"> {
  return {
    median: wall.median,
    fastest: wall.shortest,
    figures: {
      "lower quartile ms": round(wall.lower),
      "upper quartile ms": round(wall.upper),
      "processor ms": round(processor.median),
      "processor shortest ms": round(processor.shortest),
      "processor lower quartile ms": round(processor.lower),
      "processor upper quartile ms": round(processor.upper),
    },
  };
}

/**
 * One row a contestant. Ratios to a peer are those of its median over the contestant's, by the clock and in processor time: above 1 it is slower than
 * the contestant. The share of the peak is that of the processor time, so that it holds on a busy machine too.
 */
export function rowsOf(
  subject: string,
  { results, peak }: Contest,
  operations: number,
  ratios: readonly Ratio[],
): Row[] {
  const by = new Map(results.map((result) => [result.name, result]));
  const ratiosOf = (result: Result): [string, number][] =>
    ratios.flatMap(({ of, to, name }) => {
      const peer = by.get(to);
      return of === result.name && peer
        ? [
            [name, round(peer.wall.median / result.wall.median)],
            [`${name}, processor`, round(peer.processor.median / result.processor.median)],
          ]
        : [];
    });
  const webPeers = ["times onnxruntime-web", "times tfjs-wasm"];
  /** The faster of the WebAssembly peers is the one that counts. */
  const withBetter = (all: readonly [string, number][]): [string, number][] => {
    const web = all.filter(([name]) => webPeers.includes(name)).map(([, value]) => value);
    const processor = all
      .filter(([name]) => webPeers.some((peer) => name === `${peer}, processor`))
      .map(([, value]) => value);
    if (web.length === 0) return [...all];
    return [["times better peer", Math.min(...web)], ["times better peer, processor", Math.min(...processor)], ...all];
  };
  const speedsOf = ({ wall, processor }: Result): Readonly<Record<string, number>> => {
    const share = (milliseconds: number): number => round((operations / milliseconds / 1e6 / peak) * 100);
    return {
      "GFLOP/s": round(operations / wall.median / 1e6),
      "% of peak": share(processor.median),
      // Shares of more are those of less time.
      "% of peak, lower quartile": share(processor.upper),
      "% of peak, upper quartile": share(processor.lower),
      "% of peak, by the shortest": share(processor.shortest),
    };
  };
  return results.map((result) => {
    const { figures, ...times } = spreadOf(result.wall, result.processor);
    return {
      name: `${subject}: ${result.name}`,
      ...times,
      figures: {
        ...figures,
        ...(operations > 0 && !isCeiling(result.name) && speedsOf(result)),
        ...Object.fromEntries(withBetter(ratiosOf(result))),
        rounds: result.rounds,
      },
    };
  });
}

/** What the loops reached beside a contest. */
export function peakLine({ peaks }: Contest): string {
  return Object.entries(peaks)
    .map(([name, speed]) => `${name} ${speed.toFixed(1)} GFLOP/s`)
    .join(", ");
}

/** Geometric means of the ratios of all rows of one contestant, and the least of each. */
export function meansOf(subject: string, rows: readonly Row[]): Row[] {
  const contestants = new Map<string, Map<string, number[]>>();
  for (const { name, figures } of rows) {
    const contestant = name.slice(name.indexOf(": ") + 2);
    const ratios = contestants.get(contestant) ?? new Map<string, number[]>();
    for (const [figure, value] of Object.entries(figures))
      if (figure.startsWith("times ")) ratios.set(figure, [...(ratios.get(figure) ?? []), value]);
    contestants.set(contestant, ratios);
  }
  const mean = (values: readonly number[]): number =>
    Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
  return [...contestants].flatMap(([contestant, ratios]) =>
    ratios.size === 0
      ? []
      : [["geometric mean", mean] as const, ["least", (values: readonly number[]) => Math.min(...values)] as const].map(
          ([what, of]) => ({
            name: `${subject}, ${what}: ${contestant}`,
            figures: Object.fromEntries([...ratios].map(([figure, values]) => [figure, round(of(values))])),
          }),
        ),
  );
}
