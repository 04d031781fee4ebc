// The same code in a page: the browser's Cache, its decompression and hashes, and loaders.
import { browserStore, nodeModules, sha256 } from "@stria/download";
import { afterEach, describe, expect, it, vi } from "vitest";
import { digits } from "../src/digits.ts";
import { type Collection, obtain } from "../src/collection.ts";
import { loader } from "../src/loader.ts";

const contents = Uint8Array.from({ length: 5000 }, (_, index) => index % 250);

async function gzipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

afterEach(async () => {
  vi.restoreAllMocks();
  await browserStore("numbers")?.remove("bytes.gz");
});

describe("in a page", () => {
  it("hashes are those of the standard", async () => {
    expect(nodeModules()).toBeUndefined();
    // FIPS 180-2, appendix B.1.
    expect(await sha256(new TextEncoder().encode("abc"))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  it("a file is fetched from the address of dataDir once, verified, and kept in the browser's Cache", async () => {
    const compressed = await gzipped(contents);
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response(compressed));
    const collection: Collection = {
      name: "numbers",
      files: [{ name: "bytes.gz", bytes: 5000, sha256: await sha256(contents) }],
      mirrors: [],
    };
    expect(await obtain(collection, { dataDir: "/files/" })).toEqual([contents]);
    expect(fetched.mock.calls.map(([address]) => address)).toEqual(["/files/numbers/bytes.gz"]);
    expect(await browserStore("numbers")?.read("bytes.gz", 6000)).toEqual(compressed);
    expect(await obtain(collection)).toEqual([contents]);
    expect(fetched).toHaveBeenCalledTimes(1);
    await expect(browserStore("numbers")?.read("bytes.gz", 10)).rejects.toThrow(
      /more than the 10 that the file can have/,
    );
    await browserStore("numbers")?.remove("bytes.gz");
    await expect(obtain(collection, { download: false })).rejects.toThrow(/bytes\.gz not found .*browser's cache/);
  });

  it("where nothing can be kept or fetched, the error says what to do", async () => {
    vi.stubGlobal("caches", undefined);
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => {
      throw new TypeError("Failed to fetch");
    });
    const collection: Collection = {
      name: "numbers",
      files: [{ name: "bytes.gz", bytes: 5000, sha256: await sha256(contents) }],
      mirrors: ["https://stria.invalid/"],
    };
    await expect(obtain(collection)).rejects.toThrow(
      /bytes\.gz not found \(nothing is cached\), and it could not be downloaded: https:\/\/stria\.invalid\/bytes\.gz: no connection \(Failed to fetch\)\. Remedy: .*put the files of numbers into a folder beside the page, or pass dataDir/,
    );
    vi.stubGlobal("crypto", {});
    await expect(sha256(contents)).rejects.toThrow(/no Web Crypto.*serve the page over https, or from localhost/);
    vi.unstubAllGlobals();
  });

  it("digits are drawn and loaded", async () => {
    const { train } = digits({ train: 40, pad: 2 });
    const shapes: (readonly number[])[] = [];
    for await (const batch of loader(train, { batchSize: 32, shuffle: true, seed: 1 })) shapes.push(batch.x.shape);
    expect(shapes).toEqual([
      [32, 1, 32, 32],
      [8, 1, 32, 32],
    ]);
  });
});
