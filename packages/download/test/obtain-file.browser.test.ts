// The same in a page, from a real server: the browser's Cache, its hashes, and downloads that break.
import { browserStore, DownloadError, type KnownFile, obtainFile, sha256 } from "@stria/download";
import { afterEach, describe, expect, it } from "vitest";
import { breakingAt, putFile, rangesAsked } from "../../../tools/src/vitest/site-client.ts";

const contents = Uint8Array.from({ length: 600_000 }, (_, index) => (index * 31) >>> 5);

async function known(...addresses: string[]): Promise<KnownFile> {
  return { name: "page-net.bin", folder: "weights", addresses, sha256: (await sha256(contents)).slice(0, 8) };
}

afterEach(async () => {
  await browserStore("weights")?.remove("page-net.bin");
  await browserStore("weights")?.remove("page-net.bin.part");
});

describe("obtainFile in a page", () => {
  it("downloads once, and keeps the file in the browser's cache", async () => {
    const address = await putFile(location.origin, "page-net.bin", contents);
    const received: number[] = [];
    const first = await obtainFile(await known(address), { onProgress: (now) => received.push(now.received) });
    expect(first.bytes).toEqual(contents);
    expect(first.where).toBe('weights/page-net.bin in the browser\'s cache "stria-data-v1"');
    expect(received.at(-1)).toBe(600_000);
    expect((await obtainFile(await known(address))).bytes).toEqual(contents);
    expect(await rangesAsked(address)).toEqual([""]);
  });

  it("goes on where a broken connection ended", async () => {
    const address = await putFile(location.origin, "page-broken.bin", contents, { cut: 400_000 });
    await expect(obtainFile(await known(address), { onProgress: breakingAt(400_000) })).rejects.toThrow(DownloadError);
    expect((await obtainFile(await known(address))).bytes).toEqual(contents);
    expect(await rangesAsked(address)).toEqual(["", "bytes=400000-"]);
  });

  it("takes it from the address of dataDir, and says what to do where it is nowhere", async () => {
    await putFile(location.origin, "weights/page-net.bin", contents);
    const dataDir = `${location.origin}/file-site`;
    expect((await obtainFile(await known(), { dataDir })).bytes).toEqual(contents);
    await browserStore("weights")?.remove("page-net.bin");
    await expect(obtainFile(await known(`${dataDir}/nowhere`))).rejects.toThrow(
      /nowhere: the server answered 404.* Remedy: connect to the network, or get .*nowhere by other means and put it into weights\/page-net\.bin in the browser's cache/,
    );
  });
});
