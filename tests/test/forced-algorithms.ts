// Declares tests of the CPU backend with algorithms for convolutions forced: PyTorch's answers, the reference's, and finite differences.
import { at, fromHost, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { checkBackend, checkGradient } from "@stria/backend-testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answered, answered, missesOf } from "../src/forced/check.ts";
import { suited, valuesFor } from "../src/forced/suited.ts";
import { type ForcedAlgorithm, type ForcedBackend, nameOf, openWay, type Pass, type Way } from "../src/forced/ways.ts";
import { goldenPath, missesOfGolden } from "./golden-files.ts";

export interface Extent {
  /** Golden files of operators, without their ending. */
  readonly files: readonly string[];
  /** Convolutions that suit the algorithm, and rounds of the kit's checks. */
  readonly rounds: number;
  /** Of these convolutions, those that have hundreds of channels. Default 0. */
  readonly wideRounds?: number;
  /** Whether gradients of gradients are held to finite differences too. */
  readonly second: boolean;
}

/** Channels and places of convolutions. */
const usual = { channels: 24, length: 12 };
/** Weights that are larger than a core's caches, where the kernel is small; else the reference would take minutes. */
const wide = (algorithms: ForcedAlgorithm) => ({
  channels: algorithms.startsWith("winograd") || algorithms === "depthwise" ? 600 : 80,
  length: 5,
});
/** Each of its elements is moved on its own. */
const tiny = { channels: 2, length: 2 };

/** Convolutions with the reference's answers: the same for all ways of an algorithm. */
const cases = new Map<ForcedAlgorithm, Promise<Answered[]>>();

function casesFor(algorithms: ForcedAlgorithm, rounds: number, wideRounds: number): Promise<Answered[]> {
  const known = cases.get(algorithms) ?? makeCases(algorithms, rounds, wideRounds);
  cases.set(algorithms, known);
  return known;
}

async function makeCases(algorithms: ForcedAlgorithm, rounds: number, wideRounds: number): Promise<Answered[]> {
  const oracle = await useBackend(reference());
  const made: Answered[] = [];
  for (let seed = 0; seed < rounds; seed++)
    made.push(await answered(algorithms, seed, seed < rounds - wideRounds ? usual : wide(algorithms), oracle));
  return made;
}

/** Passes that were computed by the algorithm: "direct" is none but forbids some, and F(2x2) has no gradient by the weight. */
function passesOf(algorithms: ForcedAlgorithm): Pass[] {
  if (algorithms === "direct") return [];
  return ["forward", "input gradient", ...(algorithms === "winograd-2x2" ? [] : (["weight gradient"] as const))];
}

export function testForcedAlgorithms(ways: readonly Way[], { files, rounds, wideRounds = 0, second }: Extent): void {
  describe.each(ways.map((way) => [nameOf(way), way] as const))("%s", (_, way) => {
    const { algorithms } = way;
    let backend: ForcedBackend;
    beforeAll(async () => {
      backend = await openWay(way);
    });
    afterAll(() => backend.dispose());

    test.each(files)("PyTorch's answers of %s", async (name) => {
      await useBackend(backend);
      expect(await missesOfGolden(name)).toEqual([]);
    });

    test(`${rounds} convolutions that suit it, with their gradients and the gradients of those`, async () => {
      const before = { ...backend.forced };
      const misses: string[] = [];
      for (const one of await casesFor(algorithms, rounds, wideRounds))
        misses.push(...(await missesOf(backend, algorithms, one)));
      expect(misses).toEqual([]);
      // Of depthwise convolutions a few have another algorithm that suits them better.
      for (const pass of passesOf(algorithms))
        expect(backend.forced[pass] - before[pass]).toBeGreaterThanOrEqual(rounds / 2);
    });

    test("finite differences", async () => {
      await useBackend(backend);
      for (let seed = 0; seed < 2; seed++) {
        const one = suited(algorithms, seed, tiny);
        const inputs = valuesFor(one, seed).map((data, index) => fromHost(data, at(one.shapes, index), "float32"));
        const checked = checkGradient((...both) => one.f(at(both, 0), at(both, 1)), inputs, { second });
        await expect(checked).resolves.toBeUndefined();
      }
    });

    test("the kit's checks of convolutions", async () => {
      const { checks } = await checkBackend(() => openWay(way), { rounds, filter: "conv" });
      expect(checks.filter(({ faults }) => faults.length > 0)).toEqual([]);
      expect(checks.length).toBeGreaterThanOrEqual(15);
    });
  });
}

/** Declares a test for each of these golden models, where they are. */
export function testForcedModels(ways: readonly Way[], models: readonly string[]): void {
  const absent = models.filter((name) => goldenPath(`models/${name}.json`) === undefined);
  describe.skipIf(absent.length > 0).each(ways.map((way) => [nameOf(way), way] as const))(
    `%s${absent.length > 0 ? `, left out: there are no goldens of ${absent.join(", ")}` : ""}`,
    (_, way) => {
      test.each(models)("PyTorch's model %s", async (name) => {
        const backend = await useBackend(openWay(way));
        expect(await missesOfGolden(`models/${name}`, "models")).toEqual([]);
        backend.dispose();
      });
    },
  );
}
