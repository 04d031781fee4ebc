import { afterEach, describe, expect, it, vi } from "vitest";
import { AttributeError, FormatError } from "../../src/errors.ts";
import { nextDraw, randomState, rootSeed, setRandomState, setSeed } from "../../src/random/root.ts";

const place = Symbol.for("stria.random.v1");

afterEach(() => {
  Reflect.deleteProperty(globalThis, place);
});

describe("the root seed", () => {
  it("is 0 until it is set, then what was set", () => {
    expect(rootSeed()).toBe(0);
    setSeed(42);
    expect(rootSeed()).toBe(42);
    setSeed(2 ** 53 - 1);
    expect(rootSeed()).toBe(2 ** 53 - 1);
  });

  it("is shared by copies of the module, by the global symbol", async () => {
    vi.resetModules();
    const copy = await import("../../src/random/root.ts");
    expect(copy.setSeed).not.toBe(setSeed);
    copy.setSeed(9);
    expect(rootSeed()).toBe(9);
  });

  it("keeps the old seed when the new one is refused", () => {
    setSeed(3);
    for (const seed of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => setSeed(seed)).toThrow(AttributeError);
    expect(rootSeed()).toBe(3);
  });

  it("can be kept with the draws since, and taken back", () => {
    expect(randomState()).toEqual({ seed: 0, draws: 0 });
    setSeed(5);
    expect([nextDraw(), nextDraw()]).toEqual([0, 1]);
    const state = randomState();
    expect(state).toEqual({ seed: 5, draws: 2 });
    setSeed(6);
    nextDraw();
    setRandomState(state);
    expect(nextDraw()).toBe(2);
    for (const wrong of [
      { seed: -1, draws: 0 },
      { seed: 1, draws: 0.5 },
    ])
      expect(() => setRandomState(wrong)).toThrow(AttributeError);
    expect(randomState()).toEqual({ seed: 5, draws: 3 });
  });

  it("says so when something else is kept in its place", () => {
    Reflect.set(globalThis, place, { seed: "1" });
    expect(() => rootSeed()).toThrow(FormatError);
  });
});
