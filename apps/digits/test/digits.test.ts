// The command line and the pictures of the demo.
import { describe, expect, it } from "vitest";
import { drawDigit, sideBySide } from "../src/drawing.ts";
import { UsageError, readOptions } from "../src/options.ts";

describe("readOptions", () => {
  it("has a default for everything", () => {
    expect(readOptions([])).toEqual({
      backend: "cpu",
      epochs: 4,
      batch: 64,
      seed: 1,
      threads: undefined,
      data: undefined,
      save: undefined,
    });
  });

  it("takes every flag", () => {
    const args = "--backend onnx --epochs 2 --batch 128 --seed 0 --threads 3 --data folder --save model.safetensors";
    expect(readOptions(args.split(" "))).toEqual({
      backend: "onnx",
      epochs: 2,
      batch: 128,
      seed: 0,
      threads: 3,
      data: "folder",
      save: "model.safetensors",
    });
    expect(readOptions(["--help"])).toBeUndefined();
  });

  it.each([["--backend", "gpu"], ["--epochs", "0"], ["--epochs", "many"], ["--seed", "-1"], ["--colour"], ["extra"]])(
    "refuses %s %s",
    (...args) => {
      expect(() => readOptions(args.filter((arg) => arg !== undefined))).toThrow(UsageError);
    },
  );
});

describe("pictures", () => {
  it("put two rows of pixels into a line", () => {
    const pixels = new Uint8Array(28 * 28);
    pixels[3 * 28 + 3] = 255; // upper half of the first character
    pixels[4 * 28 + 4] = 255; // lower half of the second
    pixels[3 * 28 + 5] = pixels[4 * 28 + 5] = 255;
    const lines = drawDigit(pixels);
    expect(lines).toHaveLength(11);
    expect(lines[0]?.trimEnd()).toBe("▀▄█");
  });

  it("stand side by side over their captions", () => {
    const pictures = [
      { lines: ["ab", "c"], caption: "one" },
      { lines: ["d"], caption: "two" },
    ];
    expect(sideBySide(pictures)).toEqual(["ab    d", "c", "one   two"]);
  });
});
