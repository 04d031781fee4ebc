import { afterEach, describe, expect, it, vi } from "vitest";
import { AttributeError, FormatError } from "../../src/errors.ts";
import { rootSeed, setSeed } from "../../src/random/root.ts";

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

  it("says so when something else is kept in its place", () => {
    Reflect.set(globalThis, place, { seed: "1" });
    expect(() => rootSeed()).toThrow(FormatError);
  });
});
