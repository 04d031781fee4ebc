// One call for files of any kind: which reader they get, by what is in them.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSafetensors } from "@stria/core/safetensors";
import { readWeights } from "@stria/weights";
import { describe, expect, test } from "vitest";
import { archive, dict, joined, legacy, numbers, pickle, tensor, text, uint32, zip } from "./files.ts";

const head = "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }\n";
const npy = joined(0x93, "NUMPY", 1, 0, head.length, 0, head, numbers);
const value = pickle(dict(text("state_dict"), dict(text("w"), tensor())));
const safetensors = encodeSafetensors(
  new Map([["w", { shape: [4], dtype: "float32", data: Float32Array.of(1, 2, 3, 4) }]]),
);
const npyCrc = 0;

describe("readWeights", () => {
  test.each([
    ["pytorch", archive(value), ["w"]],
    ["pytorch", legacy(value, ["0"], uint32(4), uint32(0), numbers), ["w"]],
    ["npy", npy, ["tensor"]],
    ["safetensors", safetensors, ["w"]],
  ] as const)("%s", async (format, bytes, names) => {
    const file = await readWeights(bytes, { name: "net" });
    expect([file.format, file.source, [...file.tensors.keys()]]).toEqual([format, "net", names]);
    expect((await readWeights({ name: "kept", bytes })).source).toBe("kept");
  });

  test("of a checkpoint the entry that is asked for", async () => {
    const two = pickle(dict(text("ema"), dict(text("e"), tensor()), text("model"), dict(text("w"), tensor())));
    expect([...(await readWeights(archive(two))).tensors.keys()]).toEqual(["w"]);
    expect([...(await readWeights(archive(two), { entry: "ema" })).tensors.keys()]).toEqual(["e"]);
  });

  test("a model of TensorFlow.js with its files, a sharded index with its shards", async () => {
    const folder = await mkdtemp(join(tmpdir(), "stria-read-"));
    const weights = [{ name: "w", shape: [4], dtype: "float32" }];
    await writeFile(
      join(folder, "model.json"),
      JSON.stringify({ format: "graph-model", weightsManifest: [{ paths: ["w.bin"], weights }] }),
    );
    await writeFile(join(folder, "w.bin"), numbers);
    await writeFile(join(folder, "one.safetensors"), safetensors);
    await writeFile(join(folder, "index.json"), JSON.stringify({ weight_map: { w: "one.safetensors" } }));
    for (const [name, format] of [
      ["model.json", "tfjs"],
      ["index.json", "safetensors"],
      ["one.safetensors", "safetensors"],
    ]) {
      const file = await readWeights(join(folder, name ?? ""));
      expect([file.format, [...file.tensors.keys()]]).toEqual([format, ["w"]]);
    }
    await rm(folder, { recursive: true });
  });

  test("of layers that are known the weights come in Stria's layouts, unless the config is left aside", async () => {
    const layers = [
      { class_name: "Dense", config: { name: "d", units: 2, use_bias: false, batch_input_shape: [null, 2] } },
    ];
    const weights = [{ name: "d/kernel", shape: [2, 2], dtype: "float32" }];
    const modelTopology = { model_config: { class_name: "Sequential", config: { name: "net", layers } } };
    const manifest = [{ paths: ["w.bin"], weights }];
    const json = JSON.stringify({ format: "layers-model", modelTopology, weightsManifest: manifest });
    const options = { files: [new File([numbers.slice()], "w.bin")] };
    const { tensors } = await readWeights(new File([json], "model.json"), options);
    expect([...tensors]).toMatchObject([["d.weight", { shape: [2, 2], data: Float32Array.of(1, 3, 2, 4) }]]);
    const raw = await readWeights(new File([json], "model.json"), { ...options, weightsOnly: true });
    expect([...raw.tensors]).toMatchObject([["d/kernel", { shape: [2, 2], storedAs: "F32" }]]);
  });

  test.each([
    ["an archive of something else", zip({ "readme.txt": joined("hello") }), "something else than weights: readme.txt"],
    ["a picture", joined(0x89, "PNG\r\n", 26, 10, 0, 0, 0, 13), "this is no file of weights that is known"],
    ["nothing", new Uint8Array(0), "this is no file of weights that is known. Remedy: pass a file of PyTorch"],
    ["a text", joined("once upon a time"), "this is no file of weights that is known"],
    ["some JSON", joined("  {}"), "it has no weightsManifest"],
  ])("refuses %s", async (_, bytes, fault) => {
    await expect(readWeights(bytes, { name: "net" })).rejects.toThrow(fault);
  });

  test("an archive of arrays is NumPy's", async () => {
    await expect(readWeights(zip({ "w.npy": npy }, 0, { crc: npyCrc }))).rejects.toThrow("its checksum is wrong");
  });
});
