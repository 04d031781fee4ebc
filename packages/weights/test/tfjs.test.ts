// Models of TensorFlow.js, written as its own format says: shards, quantised weights, configs.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError } from "@stria/core";
import { decodeStored } from "@stria/core/safetensors";
import { openTfjs, readTfjs, type TfjsFile } from "@stria/weights/tfjs";
import { describe, expect, test } from "vitest";
import { openFileSite } from "../../../tools/src/vitest/file-site.ts";
import { putFile } from "../../../tools/src/vitest/site-client.ts";

interface Weight {
  readonly name: string;
  readonly shape?: unknown;
  readonly dtype?: unknown;
  readonly quantization?: unknown;
}

const weight = (name: string, more: object = {}): Weight => ({ name, shape: [2], dtype: "float32", ...more });
const bytesOf = (...arrays: ArrayBufferView<ArrayBuffer>[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(arrays.flatMap((array) => [...new Uint8Array(array.buffer)]));
const model = (weights: readonly Weight[], paths: readonly unknown[] = ["w.bin"], more: object = {}): string =>
  JSON.stringify({ format: "graph-model", weightsManifest: [{ paths, weights }], ...more });

function read(json: string, ...files: Uint8Array[]): Promise<TfjsFile> {
  let next = 0;
  return readTfjs(json, async () => files[next++] ?? new Uint8Array(0), "model.json");
}

async function numbersOf(json: string, ...files: Uint8Array[]): Promise<number[][]> {
  return [...(await read(json, ...files)).tensors.values()].map((tensor) => [...decodeStored(tensor).data]);
}

const floats = Float32Array.of(0.5, -2);

describe("readTfjs", () => {
  test("weights of every type, one after the other, cut anywhere", async () => {
    const weights = [
      weight("bool", { dtype: "bool" }),
      weight("byte", { dtype: "uint8" }),
      weight("float"),
      weight("whole", { dtype: "int32" }),
      weight("scalar", { shape: [] }),
      weight("empty", { shape: [0, 3] }),
    ];
    const all = bytesOf(Uint8Array.of(1, 0), Uint8Array.of(7, 255), floats, Int32Array.of(3, -3), Float32Array.of(9));
    const [first, second] = [all.subarray(0, 7), all.subarray(7)];
    const expected = [[1, 0], [7, 255], [0.5, -2], [3, -3], [9], []];
    expect(await numbersOf(model(weights, ["a.bin", "b.bin"]), first, second)).toEqual(expected);
    expect(await numbersOf(model(weights), all)).toEqual(expected);
  });

  test("quantised weights: code * scale + min, float16, whole numbers rounded", async () => {
    const weights = [
      weight("a", { quantization: { dtype: "uint8", scale: 0.5, min: -1 } }),
      weight("b", { quantization: { dtype: "uint16", scale: 2, min: 10 } }),
      weight("c", { quantization: { dtype: "float16", original_dtype: "float32" } }),
      weight("d", { dtype: "int32", quantization: { dtype: "uint8", scale: 1.5, min: 0 } }),
    ];
    const codes = bytesOf(
      Uint8Array.of(0, 255),
      Uint16Array.of(1, 1000),
      Uint16Array.of(0x3800, 0xc000),
      Uint8Array.of(1, 2),
    );
    expect(await numbersOf(model(weights), codes)).toEqual([
      [-1, 126.5],
      [12, 2010],
      [0.5, -2],
      [2, 3],
    ]);
  });

  test("a layers model: names are layer/variable, and every weight has the shape of its layer", async () => {
    const layer = (units: number): object => ({
      class_name: "Sequential",
      config: {
        name: "net",
        layers: [
          { class_name: "Dense", config: { name: "dense", units, use_bias: false, batch_input_shape: [null, 2] } },
        ],
      },
    });
    const weights = [weight("net/dense/kernel", { shape: [2, 1] })];
    const json = (units: number, more: object = {}): string =>
      model(weights, ["w.bin"], { format: "layers-model", modelTopology: { model_config: layer(units) }, ...more });
    const { tensors, topology } = await read(json(1), bytesOf(floats));
    expect([...tensors.keys()]).toEqual(["dense/kernel"]);
    expect(topology?.layers.map(({ className }) => className)).toEqual(["Dense"]);
    await expect(read(json(3), bytesOf(floats))).rejects.toThrow(FormatError);
    const custom = json(1).replace('"Dense"', '"Mine"');
    await expect(read(custom, bytesOf(floats))).rejects.toThrow(/Mine/);
    const alone = await readTfjs(custom, async () => bytesOf(floats), "model.json", { weightsOnly: true });
    expect([...alone.tensors.keys()]).toEqual(["net/dense/kernel"]);
  });

  const good = bytesOf(floats);
  test.each([
    ["no JSON", "{", "the model is not JSON"],
    ["no manifest", "{}", "it has no weightsManifest"],
    ["a group of nothing", '{"weightsManifest": [{}]}', "a group of its manifest lacks paths or weights"],
    ["a path that is no text", model([], [1]), "a path of its manifest is no text"],
    ["a file outside", model([], ["../w.bin"]), 'it names the file "../w.bin", which is not in its folder'],
    ["a file outside by its folder", model([], ["a/.. /w.bin"]), "which is not in its folder"],
    ["a file elsewhere", model([], ["//stria.invalid/w"]), "which is not in its folder"],
    ["a file of Windows", model([], [String.raw`..\w.bin`]), "which is not in its folder"],
    [
      "too many files",
      model(
        [],
        Array.from({ length: 10_001 }, () => "w"),
      ),
      "it has more than 10000 files",
    ],
    ["no name", model([{ ...weight(""), name: undefined } as unknown as Weight]), "a weight without a name"],
    ["a refused name", model([weight("a/__proto__")]), 'a tensor may not be called "a/__proto__"'],
    ["no shape", model([weight("w", { shape: 2 })]), 'the weight "w" has no shape'],
    ["a negative length", model([weight("w", { shape: [-2] })]), 'the weight "w" has the shape [-2]'],
    ["a shape beyond counting", model([weight("w", { shape: [2 ** 40, 2 ** 40] })]), "bytes"],
    ["texts", model([weight("w", { dtype: "string" })]), 'is of the type "string", which is not read'],
    ["a type of JavaScript's", model([weight("w", { dtype: "constructor" })]), '"constructor", which is not read'],
    ["codes of no kind", model([weight("w", { quantization: { dtype: "int4" } })]), 'quantised to "int4"'],
    ["no scale", model([weight("w", { quantization: { dtype: "uint8", min: 0 } })]), "without a scale and a minimum"],
    [
      "quantised truth",
      model([weight("w", { dtype: "bool", quantization: { dtype: "uint8", scale: 1, min: 0 } })]),
      "BOOL is",
    ],
    ["too few bytes", model([weight("w", { shape: [3] })]), 'the weight "w" lies at [0, 12] of 8 bytes'],
    ["too many bytes", model([weight("w", { shape: [1] })]), "4 bytes behind the last weight belong to none"],
    ["two of one name", model([weight("w", { shape: [1] }), weight("w", { shape: [1] })]), 'two weights called "w"'],
  ])("refuses %s", async (_, json, fault) => {
    await expect(read(json, good)).rejects.toThrow(FormatError);
    await expect(read(json, good)).rejects.toThrow(fault);
    await expect(read(json, good)).rejects.toThrow(/^model\.json: .* Remedy: /);
  });
});

describe("openTfjs", () => {
  test("by an address, with its files beside it", async () => {
    const site = await openFileSite();
    await putFile(site.address, "net/part/w.bin", bytesOf(floats));
    const address = await putFile(site.address, "net/model.json", model([weight("w")], ["part/w.bin"]));
    expect((await openTfjs(address)).tensors.get("w")?.bytes).toEqual(bytesOf(floats));
    await putFile(site.address, "net/model.json", model([weight("w")], ["part/v.bin"]));
    await expect(openTfjs(address)).rejects.toThrow(/part\/v\.bin: the server answered 404/);
    await site.close();
  });

  test("by a path, and as files of a page; a file that is missing is named", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stria-tfjs-"));
    const json = model([weight("w")], ["part/w.bin"]);
    const path = join(folder, "model.json");
    await writeFile(path, json);
    await expect(openTfjs(path)).rejects.toThrow(
      /model\.json: its part part\/w\.bin cannot be opened \(.*w\.bin: the file cannot be opened/,
    );
    const dropped = new File([json], "model.json");
    const { tensors } = await openTfjs(dropped, { files: [new File([bytesOf(floats)], "w.bin")] });
    expect([...(tensors.get("w")?.bytes ?? [])]).toEqual([...bytesOf(floats)]);
    await expect(openTfjs(dropped)).rejects.toThrow(
      "model.json: where its part part/w.bin lies is not known. Remedy: put all parts beside it; of a page, pass them as { files }",
    );
    await rm(folder, { recursive: true });
  });
});
