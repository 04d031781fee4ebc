// Bad input, numbers: whatever stands where a public function takes a number, it is refused by an error that says what to do, or the result is right.
import { beforeAll, expect, test } from "vitest";
import { type Backend, StriaError, Tensor, isTensor, randomState, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { type ByNumber, wrongNumbers } from "../src/bad-input/by-number.ts";
import { coreAttributes } from "../src/bad-input/core-attributes.ts";
import { layerAttributes } from "../src/bad-input/layer-attributes.ts";
import { runAttributes } from "../src/bad-input/run-attributes.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await useBackend(reference());
});

function show(value: unknown): string {
  return value instanceof Promise ? "a Promise" : typeof value === "number" ? String(value) : JSON.stringify(value);
}

/** Reads the tensors of what a function gave, so that what is told late is told. */
async function finished(result: unknown): Promise<void> {
  const found = await result;
  if (isTensor(found)) {
    await found.data();
    found.dispose();
  } else if (typeof found === "object" && found !== null)
    for (const value of Object.values(found)) if (value instanceof Tensor) await finished(value);
}

/** What is wrong with what a function does with each of the wrong numbers. */
async function faultsOf([name, of]: ByNumber, drawsNothing: boolean): Promise<string[]> {
  const faults: string[] = [];
  for (const value of wrongNumbers) {
    const what = `${name}, ${show(value)}`;
    const [random, held] = [JSON.stringify(randomState()), backend.memory().bytes];
    try {
      await finished(of(value as number));
    } catch (error) {
      if (!(error instanceof StriaError) || !error.message.includes("Remedy: "))
        faults.push(`${what}: ${String(error)}`);
      if (drawsNothing && JSON.stringify(randomState()) !== random) faults.push(`${what}: it drew random numbers`);
    }
    if (backend.memory().bytes - held > 1e6) faults.push(`${what}: it holds ${backend.memory().bytes - held} bytes`);
  }
  return faults;
}

test.each(coreAttributes)("ops and tensors: %s", async (...entry) => {
  expect(await faultsOf(entry, entry[0] !== "setSeed")).toEqual([]);
});

test.each([...layerAttributes, ...runAttributes])("%s", async (...entry) => {
  expect(await faultsOf(entry, false)).toEqual([]);
});

test.each(coreAttributes)("%s: text is no number", (_, of) => {
  expect(() => of("2" as unknown as number)).toThrow(StriaError);
});
