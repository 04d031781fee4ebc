// The command line and the pictures of the demo.
import { resolve } from "node:path";
import { DownloadError } from "@stria/data";
import { describe, expect, it, vi } from "vitest";
import { drawConfusion } from "../src/confusion.ts";
import { openDigits } from "../src/data.ts";
import { drawDigit, sideBySide } from "../src/drawing.ts";
import { interruptible } from "../src/interruption.ts";
import { type Options, UsageError, commandToResume, readOptions } from "../src/options.ts";

const here = (path: string): string => resolve(process.env["INIT_CWD"] ?? ".", path);

describe("openDigits", () => {
  const nowhere = (): Promise<never> => Promise.reject(new DownloadError("MNIST", "not found", "get it"));

  it("draws digits where MNIST cannot be had, and says so", async () => {
    const said: string[] = [];
    const { name } = await openDigits({ data: undefined, drawn: undefined }, (line) => said.push(line), nowhere);
    expect(name).toBe("drawn digits");
    expect(said.join("\n")).toMatch(/MNIST: not found.*\n.*generator/);
  });

  it("draws none where a folder is named", async () => {
    const said: string[] = [];
    const opened = openDigits({ data: "folder", drawn: undefined }, (line) => said.push(line), nowhere);
    await expect(opened).rejects.toThrow(DownloadError);
    expect(said).toEqual([]);
  });
});

describe("readOptions", () => {
  it("has a default for everything", () => {
    expect(readOptions([])).toEqual({
      backend: "cpu",
      epochs: 3,
      batch: 64,
      seed: 1,
      threads: undefined,
      data: undefined,
      save: undefined,
      resume: undefined,
      drawn: undefined,
      deterministic: false,
    });
  });

  it("takes every flag", () => {
    const args =
      "--backend onnx --epochs 2 --batch 128 --seed 0 --threads 3 --data folder --save model.safetensors --resume run --drawn 9 --deterministic";
    expect(readOptions(args.split(" "))).toEqual({
      backend: "onnx",
      epochs: 2,
      batch: 128,
      seed: 0,
      threads: 3,
      data: here("folder"),
      save: here("model.safetensors"),
      resume: here("run"),
      drawn: 9,
      deterministic: true,
    });
    expect(readOptions(["--help"])).toBeUndefined();
  });

  it.each([
    ["--backend", "gpu"],
    ["--epochs", "0"],
    ["--epochs", "many"],
    ["--seed", "-1"],
    ["--drawn", "0"],
    ["--colour"],
    ["extra"],
  ])("refuses %s %s", (...args) => {
    expect(() => readOptions(args.filter((arg) => arg !== undefined))).toThrow(UsageError);
    expect(() => readOptions(args.filter((arg) => arg !== undefined))).toThrow(args[0]); // it is named
  });

  it("says which command goes on, with the flags that are not the defaults", () => {
    const options = (...args: string[]): Options => {
      const found = readOptions(args);
      if (!found) throw new Error("help");
      return found;
    };
    expect(commandToResume(options(), "/tmp/run")).toBe("npm run demo -- --resume /tmp/run");
    const given = ["--epochs", "9", "--threads", "2", "--data", "/my data", "--deterministic", "--resume", "/old"];
    const command = commandToResume(options(...given), "/tmp/it's");
    expect(command).toBe(
      String.raw`npm run demo -- --epochs 9 --threads 2 --data '/my data' --resume '/tmp/it'\''s' --deterministic`,
    );
  });
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

it("draws a confusion matrix with the share of each row", () => {
  expect(
    drawConfusion([
      [98, 2],
      [0, 0],
    ]),
  ).toEqual(["read as   0   1", "     0   98   2   98.0 %", "     1    ·   ·         "]);
});

it("the first Ctrl-C gives the signal, the second quits at once", async () => {
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const exit = vi.spyOn(process, "exit").mockImplementation(() => {
    throw new Error("quit");
  });
  await interruptible(async (signal) => {
    expect(signal.aborted).toBe(false);
    process.emit("SIGINT");
    expect(signal.aborted).toBe(true);
    expect(exit).not.toHaveBeenCalled();
    expect(() => process.emit("SIGINT")).toThrow("quit");
  });
  expect(exit.mock.calls).toEqual([[130]]);
  expect(written.mock.calls.flat().join("")).toContain("Ctrl-C again quits at once");
  expect(process.listenerCount("SIGINT")).toBe(0);
  vi.restoreAllMocks();
});
