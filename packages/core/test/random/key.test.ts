import { describe, expect, it } from "vitest";
import { AttributeError } from "../../src/errors.ts";
import { splitKey, streamKey } from "../../src/random/key.ts";

const text = ({ low, high }: { low: number; high: number }): string => `${low},${high}`;

describe("streamKey", () => {
  // Computed by a separate program in Python from the derivation in the docstring. A change breaks the repeatability of stored runs.
  it("derives what the documentation says", () => {
    expect(streamKey(0)).toEqual({ low: 0x2dce73e5, high: 0x1348e23f });
    expect(streamKey(1, "shuffle", 3)).toEqual({ low: 0xc9aa24b4, high: 0x916aa0ed });
    expect(streamKey(2 ** 53 - 1, "layer1.0.conv1.weight")).toEqual({ low: 0x6cc4e8d6, high: 0x02bbffe6 });
    expect(streamKey(7, "dévié", "")).toEqual({ low: 0xb207fead, high: 0x2bf04c30 });
  });

  it("can be continued", () => {
    expect(splitKey(streamKey(5, "layer1"), "weight", 2)).toEqual(streamKey(5, "layer1", "weight", 2));
  });

  it("has no collisions over many names, types and seeds", () => {
    const keys = new Set<string>();
    let made = 0;
    const add = (...name: Parameters<typeof streamKey>): void => {
      keys.add(text(streamKey(...name)));
      made++;
    };
    for (let block = 0; block < 40; block++)
      for (let layer = 0; layer < 40; layer++)
        for (const name of ["conv1.weight", "conv2.weight", "bn1.weight", "bn1.bias"])
          add(1, `layer${block}.${layer}.${name}`);
    for (let step = 0; step < 20_000; step++) add(1, "dropout", step);
    for (let seed = 0; seed < 20_000; seed++) add(seed);
    for (let power = 16; power < 53; power++) add(1, 2 ** power);
    for (let length = 0; length < 100; length++) add(1, "\0".repeat(length));
    for (let length = 0; length < 100; length++) add(1, "abcdefghijkl".repeat(9).slice(0, length), "z");
    expect(keys.size).toBe(made);
  });

  it("delimits and types names", () => {
    const keys = [
      streamKey(1, "a", "b"),
      streamKey(1, "ab"),
      streamKey(1, "ab", ""),
      streamKey(1, "", "ab"),
      streamKey(1, 1),
      streamKey(1, "1"),
      streamKey(1),
      streamKey(1, 0),
      streamKey(1, "b", "a"),
    ];
    expect(new Set(keys.map(text)).size).toBe(keys.length);
  });

  it("refuses seeds and counts that are not whole", () => {
    for (const seed of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => streamKey(seed)).toThrow(AttributeError);
      expect(() => streamKey(1, "epoch", seed)).toThrow(AttributeError);
    }
    expect(() => streamKey(0.5)).toThrow("0.5 is not an integer from 0 to 2^53 - 1");
  });
});
