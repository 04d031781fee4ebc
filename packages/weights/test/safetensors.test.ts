// Safetensors files read in parts: of bytes, blobs, files and servers, with ranges and without; in shards; and written.
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FormatError, type HostTensor, type Tensor, tensor, useBackend } from "@stria/core";
import { decodeStored, decodeSafetensors, encodeSafetensors } from "@stria/core/safetensors";
import { reference } from "@stria/core/reference";
import { DownloadError } from "@stria/download";
import { openSafetensors, writeSafetensors } from "@stria/weights";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFileSite } from "../../../tools/src/vitest/file-site.ts";
import { breakConnection, putFile, rangesAsked } from "../../../tools/src/vitest/site-client.ts";

function filled(start: number, length: number): HostTensor {
  return { shape: [length], dtype: "float32", data: Float32Array.from({ length }, (_, index) => start + index) };
}

/** "a" and "b" lie side by side, "big" is between them and "c". */
const tensors = new Map([
  ["a", filled(1, 4)],
  ["b", filled(5, 2)],
  ["big", filled(0, 100_000)],
  ["c", filled(7, 3)],
]);
const file = encodeSafetensors(tensors, new Map([["note", "here"]]));
const headerLength = Number(new DataView(file.buffer).getBigUint64(0, true));

let folder = "";
let site = { address: "", close: async (): Promise<void> => undefined };

beforeAll(() => useBackend(reference()));
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-safetensors-"));
  site = await openFileSite();
});
afterEach(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

const valuesIn = async (opened: Awaited<ReturnType<typeof openSafetensors>>, ...names: string[]): Promise<number[][]> =>
  [...(await opened.read(names)).values()].map((stored) => [...decodeStored(stored).data]);

describe("openSafetensors", () => {
  test("bytes, buffers, blobs, paths and file addresses", async () => {
    const path = join(folder, "net.safetensors");
    await writeFile(path, file);
    for (const input of [file, file.buffer, new Blob([file]), path, pathToFileURL(path), pathToFileURL(path).href]) {
      const opened = await openSafetensors(input);
      expect([...opened.entries.keys()]).toEqual(["a", "b", "big", "c"]);
      expect(opened.entries.get("b")).toMatchObject({ shape: [2], storedAs: "F32" });
      expect(opened.metadata).toEqual(new Map([["note", "here"]]));
      expect(await valuesIn(opened, "c", "a")).toEqual([
        [7, 8, 9],
        [1, 2, 3, 4],
      ]);
      expect((await opened.read()).size).toBe(4);
      await opened.close();
    }
  });

  test("an open file handle, which stays the caller's", async () => {
    await writeFile(join(folder, "net.safetensors"), file);
    const handle = await open(join(folder, "net.safetensors"));
    const opened = await openSafetensors(handle, { name: "net" });
    expect(await valuesIn(opened, "c")).toEqual([[7, 8, 9]]);
    await opened.close();
    expect((await handle.stat()).size).toBe(file.length);
    await handle.close();
  });

  test("of a server only what is asked for is fetched, neighbours together", async () => {
    const address = await putFile(site.address, "net.safetensors", file);
    const opened = await openSafetensors(address);
    expect(await rangesAsked(address)).toEqual(["bytes=0-65535"]);
    expect(await valuesIn(opened, "b", "a")).toEqual([
      [5, 6],
      [1, 2, 3, 4],
    ]);
    expect(await rangesAsked(address)).toHaveLength(1); // they came with the header
    const behind = 8 + headerLength + 4 * (4 + 2 + 100_000);
    expect(await valuesIn(opened, "c")).toEqual([[7, 8, 9]]);
    expect((await rangesAsked(address)).slice(1)).toEqual([`bytes=${behind}-${behind + 11}`]);
    expect((await opened.read(["big", "c", "a"])).size).toBe(3);
    expect((await rangesAsked(address)).slice(2)).toEqual([`bytes=${8 + headerLength}-${file.length - 1}`]);
  });

  test("a server without ranges sends the file once", async () => {
    const address = await putFile(site.address, "whole.safetensors", file, { ranges: "no" });
    const opened = await openSafetensors(new URL(address));
    expect(await valuesIn(opened, "c", "b")).toEqual([
      [7, 8, 9],
      [5, 6],
    ]);
    expect(await rangesAsked(address)).toEqual(["bytes=0-65535"]);
  });

  test("a header that is longer than the first request", async () => {
    const many = encodeSafetensors(
      new Map(Array.from({ length: 3000 }, (_, index) => [`t${index}`, filled(index, 1)])),
    );
    const opened = await openSafetensors(await putFile(site.address, "many.safetensors", many));
    expect(await valuesIn(opened, "t2999")).toEqual([[2999]]);
  });

  test("what changes, breaks or is not there is said", async () => {
    const address = await putFile(site.address, "net.safetensors", file);
    const opened = await openSafetensors(address);
    await expect(opened.read(["d"])).rejects.toThrow(
      `${address}: there is no tensor "d" in it. Remedy: ask for one of a, b, big, c`,
    );
    await putFile(site.address, "net.safetensors", file.slice(0, -4));
    await expect(opened.read(["big"])).rejects.toThrow("the file has changed while it was read");
    await putFile(site.address, "net.safetensors", file, { ranges: "no" });
    await expect(opened.read(["big"])).rejects.toThrow("the server no longer sends parts of it");
    await putFile(site.address, "net.safetensors", file, { cut: 100 });
    await breakConnection(address);
    await expect(openSafetensors(address)).rejects.toThrow(/net\.safetensors: no connection \(/);
    await expect(openSafetensors(`${site.address}/nowhere`)).rejects.toThrow(DownloadError);
    await expect(openSafetensors(`${site.address}/nowhere`)).rejects.toThrow(
      /the server answered 404.*check the address/,
    );
    const reason = new Error("enough");
    await expect(openSafetensors(address, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(openSafetensors(join(folder, "nowhere"))).rejects.toThrow(/nowhere: the file cannot be opened.*check/);
    await expect(openSafetensors(folder)).rejects.toThrow("this is a folder");
    await expect(openSafetensors(file.subarray(0, 1000), { name: "cut" })).rejects.toThrow(/^cut: /);
    // @ts-expect-error what JavaScript may pass
    await expect(openSafetensors(7)).rejects.toThrow("what was given is no file. Remedy: pass its bytes");
  });
});

describe("a file in shards", () => {
  const shards = {
    "model-1.safetensors": encodeSafetensors(new Map([["a", filled(1, 2)]]), new Map([["format", "pt"]])),
    "model-2.safetensors": encodeSafetensors(
      new Map([
        ["b", filled(3, 2)],
        ["c", filled(5, 1)],
      ]),
    ),
  };
  const index = (map: object): string => JSON.stringify({ metadata: { total_size: 20 }, weight_map: map });
  const good = index({ c: "model-2.safetensors", a: "model-1.safetensors", b: "model-2.safetensors" });

  test("beside its index, in a folder, at an address, and as files of a page", async () => {
    for (const [name, bytes] of Object.entries(shards)) {
      await writeFile(join(folder, name), bytes);
      await putFile(site.address, name, bytes);
    }
    const path = join(folder, "model.safetensors.index.json");
    await writeFile(path, good);
    const address = await putFile(site.address, "model.safetensors.index.json", good);
    const files = Object.entries(shards).map(([name, bytes]) => new File([bytes], name));
    for (const [input, options] of [
      [path, {}],
      [address, {}],
      [new File([good], "model.safetensors.index.json"), { files }],
    ] as const) {
      const opened = await openSafetensors(input, options);
      expect([...opened.entries.keys()]).toEqual(["c", "a", "b"]);
      expect(opened.metadata.get("format")).toBe("pt");
      expect(await valuesIn(opened, "b", "a")).toEqual([
        [3, 4],
        [1, 2],
      ]);
      expect([...(await opened.read()).keys()]).toEqual(["c", "a", "b"]);
      await expect(opened.read(["d"])).rejects.toThrow('there is no tensor "d"');
      await opened.close();
    }
  });

  test.each([
    ["no index", "{}", "the index has no weight_map"],
    ["no JSON", '{"weight_map": ', "the index is not JSON"],
    ["a shard that is no text", index({ a: 1 }), 'the shard of "a" is no text'],
    ["a shard outside", index({ a: "../model-1.safetensors" }), "which is not in its folder"],
    ["a shard outside by escapes", index({ a: "%2e%2e/model-1.safetensors" }), "which is not in its folder"],
    ["a shard elsewhere", index({ a: "https://stria.invalid/a" }), "which is not in its folder"],
    ["a shard of the root", index({ a: "/etc/passwd" }), "which is not in its folder"],
    ["a refused name", '{"weight_map": {"__proto__": "a"}}', 'may not be called "__proto__"'],
    ["too many shards", index(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, `s${i}`]))), "1000 shards"],
    ["a tensor that the shard lacks", index({ z: "model-1.safetensors" }), 'its tensor "z" is not in model-1'],
    [
      "a shard that is not given",
      index({ a: "model-3.safetensors" }),
      "where its part model-3.safetensors lies is not known",
    ],
  ])("refuses %s", async (_, text, fault) => {
    const files = Object.entries(shards).map(([name, bytes]) => new File([bytes], name));
    const opening = openSafetensors(new TextEncoder().encode(text), { name: "index", files });
    await expect(opening).rejects.toThrow(FormatError);
    await expect(opening).rejects.toThrow(fault);
  });
});

describe("writeSafetensors", () => {
  test("stores floats as asked, whole numbers as they are", async () => {
    const state = new Map([
      ["w", tensor([0.1, 2])],
      ["steps", tensor(7, { dtype: "int32" })],
    ]);
    const half = decodeSafetensors(await writeSafetensors(state, { storeAs: "F16", metadata: new Map([["a", "b"]]) }));
    expect(half.tensors.get("w")).toMatchObject({ storedAs: "F16", data: Float32Array.of(0.0999755859375, 2) });
    expect(half.tensors.get("steps")).toMatchObject({ storedAs: "I32", data: Int32Array.of(7) });
    expect(half.metadata.get("a")).toBe("b");
    const mixed = decodeSafetensors(
      await writeSafetensors(new Map<string, Tensor | HostTensor>([...state, ["v", filled(1, 1)]]), {
        storeAs: (name) => (name === "w" ? "BF16" : undefined),
      }),
    );
    expect([...mixed.tensors].map(([, { storedAs }]) => storedAs)).toEqual(["BF16", "I32", "F32"]);
    await expect(writeSafetensors(new Map([["w", tensor([1e6])]]), { storeAs: "F16" })).rejects.toThrow(
      "the value 1000000 does not fit F16. Remedy: store it in a larger type",
    );
    await expect(writeSafetensors(state, { storeAs: "I8" })).rejects.toThrow("float32 cannot be stored as I8");
  });
});
