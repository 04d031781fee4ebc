// What inference comes to, in a sentence.
import { means, nameOf } from "./names.ts";
import type { Report } from "./report.ts";

/** Nothing where it was not measured on one thread and two, beside WebAssembly and PyTorch. */
export function inferenceSentence({ parts }: Report): string | undefined {
  const cases = [...(parts.get("inference") ?? [])].filter(([name]) => !means.includes(name));
  const of = (name: string, contestant: string, figure: string): number | undefined =>
    parts.get("inference")?.get(name)?.get(contestant)?.figures[figure];
  const peer = "times better peer, processor";
  const mean = "geometric mean";
  const figures = [
    of(mean, "stria, 1 thread", peer),
    of(mean, "stria, 2 threads", "times better peer"),
    of(mean, "stria, 1 thread", "times PyTorch, processor"),
  ];
  const least = cases
    .flatMap(([name]) => {
      const times = of(name, "stria, 1 thread", peer);
      return times === undefined ? [] : [{ name, times }];
    })
    .toSorted((a, b) => a.times - b.times)[0];
  if (!least || figures.includes(undefined)) return undefined;
  const [oneThread, twoThreads, torch] = figures.map((value) => value?.toPrecision(2));
  return (
    `Inference of ${cases.length} networks is ${oneThread} times as fast as the better of onnxruntime-web and tfjs-wasm on one thread ` +
    `(least: ${nameOf(least.name)}, ${least.times.toPrecision(2)}), ${twoThreads} times on two, and ${torch} times as fast as PyTorch with AVX-512.`
  );
}
