// Published files from a real server on the loopback interface: verified, resumed, kept, and found again.
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AttributeError } from "@stria/core";
import { DownloadError, type DownloadProgress, type KnownFile, obtainFile } from "@stria/download";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openFileSite } from "../../../tools/src/vitest/file-site.ts";
import { breakConnection, breakingAt, putFile, rangesAsked } from "../../../tools/src/vitest/site-client.ts";

const contents = Uint8Array.from({ length: 6_000_000 }, (_, index) => (index * 31) >>> 5);
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

let folder = "";
let cache = "";
let site = { address: "", close: async (): Promise<void> => undefined };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-download-"));
  cache = join(folder, "cache");
  vi.stubEnv("STRIA_CACHE", cache);
  vi.stubEnv("STRIA_DATA", undefined);
  site = await openFileSite();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await site.close();
  await rm(folder, { recursive: true });
});

/** The file as known, published at some addresses. */
const known = (...addresses: string[]): KnownFile => ({
  name: "net-1.bin",
  otherNames: ["net.bin"],
  folder: "weights",
  addresses,
  sha256: hash(contents).slice(0, 12),
});

describe("obtainFile", () => {
  it("downloads once, tells how far it is, and finds the file in STRIA_CACHE afterwards", async () => {
    const address = await putFile(site.address, "net.bin", contents);
    const progress: DownloadProgress[] = [];
    const first = await obtainFile(known(address), { onProgress: (now) => progress.push(now) });
    expect(first.where).toBe(join(cache, "weights", "net-1.bin"));
    expect(Buffer.compare(first.bytes, contents)).toBe(0);
    expect(progress.at(-1)).toEqual({ file: "net-1.bin", address, received: 6_000_000, total: 6_000_000 });
    expect((await obtainFile(known(address))).where).toBe(first.where);
    expect(await rangesAsked(address)).toEqual([""]);
    expect(await readdir(join(cache, "weights"))).toEqual(["net-1.bin"]);
  });

  it.each(["net-1.bin", "net.bin"])("takes %s from STRIA_DATA, or from dataDir", async (name) => {
    await mkdir(join(folder, "data/weights"), { recursive: true });
    await writeFile(join(folder, "data/weights", name), contents);
    vi.stubEnv("STRIA_DATA", join(folder, "data"));
    expect((await obtainFile(known())).where).toBe(join(folder, "data/weights", name));
    vi.stubEnv("STRIA_DATA", undefined);
    for (const dataDir of [join(folder, "data"), join(folder, "data/weights")])
      expect((await obtainFile(known(), { dataDir })).where).toBe(join(folder, "data/weights", name));
  });

  it("goes on where a broken connection ended, also in the next run", async () => {
    const [broken, rest] = [
      await putFile(site.address, "broken", contents, { cut: 5_000_000 }),
      `${site.address}/nowhere`,
    ];
    const onProgress = breakingAt(5_000_000);
    await expect(obtainFile(known(broken, rest), { onProgress })).rejects.toThrow(DownloadError);
    const part = await readFile(join(cache, "weights", "net-1.bin.part"));
    expect(Buffer.compare(part, contents.subarray(0, 5_000_000))).toBe(0);
    const { bytes } = await obtainFile(known(broken));
    expect(Buffer.compare(bytes, contents)).toBe(0);
    expect(await rangesAsked(broken)).toEqual(["", "bytes=5000000-"]);
    expect(await readdir(join(cache, "weights"))).toEqual(["net-1.bin"]);
  });

  it("keeps what has come so far while the rest is still coming", async () => {
    const address = await putFile(site.address, "slow", contents, { cut: 5_000_000 });
    let part: Promise<Buffer> | undefined;
    const onProgress = ({ received }: DownloadProgress): void => {
      if (received > 4_900_000) part ??= readFile(join(cache, "weights", "net-1.bin.part"));
      if (received === 5_000_000) void part?.then(() => breakConnection(address));
    };
    await expect(obtainFile(known(address), { onProgress })).rejects.toThrow(DownloadError);
    expect((await part)?.length).toBeGreaterThan(4_000_000);
  });

  it("starts again at a server without ranges, and where the part was of another file", async () => {
    const address = await putFile(site.address, "net.bin", contents, { ranges: "no", cut: 5_000_000 });
    await expect(obtainFile(known(address), { onProgress: breakingAt(5_000_000) })).rejects.toThrow(/no connection/);
    expect(Buffer.compare((await obtainFile(known(address))).bytes, contents)).toBe(0);
    await rm(join(cache, "weights/net-1.bin"));
    await writeFile(join(cache, "weights/net-1.bin.part"), new Uint8Array(1000));
    const whole = await putFile(site.address, "whole", contents);
    expect(Buffer.compare((await obtainFile(known(whole))).bytes, contents)).toBe(0);
    expect(await rangesAsked(whole)).toEqual(["bytes=1000-", ""]);
  });

  it("never gives bytes of another hash: it passes them over, and replaces them in the cache", async () => {
    const wrong = await putFile(site.address, "wrong", contents.subarray(1));
    const right = await putFile(site.address, "right", contents);
    await mkdir(join(cache, "weights"), { recursive: true });
    await writeFile(join(cache, "weights/net-1.bin"), "damaged");
    expect((await obtainFile(known(wrong, right))).where).toBe(join(cache, "weights/net-1.bin"));
    expect(Buffer.compare(await readFile(join(cache, "weights/net-1.bin")), contents)).toBe(0);
    await writeFile(join(cache, "weights/net-1.bin"), "damaged");
    await expect(obtainFile(known(wrong))).rejects.toThrow(
      /net-1\.bin is another file, or damaged: the SHA-256 is [0-9a-f]{64} instead of [0-9a-f]{12}\), and it could not be downloaded: .*wrong: net-1\.bin: the SHA-256 is/,
    );
  });

  it("says, offline, where it looked and what to do", async () => {
    const address = await putFile(site.address, "net.bin", contents);
    await site.close();
    const [failure, forbidden] = [
      await obtainFile(known(address)).catch(String),
      await obtainFile(known(address), { download: false }).catch(String),
    ];
    const place = join(cache, "weights", "net-1.bin");
    expect(failure).toContain(`net-1.bin: not found (${join(cache, "weights")}`);
    expect(failure).toContain(`could not be downloaded: ${address}: no connection`);
    expect(failure).toContain(
      `Remedy: connect to the network, or get ${address} by other means and put it into ${place}; or pass dataDir, the folder where it is.`,
    );
    expect(forbidden).toContain(", and download is false. Remedy: connect to the network, or get");
    site.close = async () => undefined;
  });

  it("stops when the user says so", async () => {
    const address = await putFile(site.address, "net.bin", contents);
    const reason = new Error("no longer wanted");
    await expect(obtainFile(known(address), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await rangesAsked(address)).toEqual([]);
  });

  it("gives a file that cannot be kept, and says where it came from", async () => {
    await writeFile(join(folder, "cache"), "in the way");
    const address = await putFile(site.address, "net.bin", contents);
    expect((await obtainFile(known(address))).where).toBe(address);
  });

  it.each(["", "12345", "not a hash, really"])("refuses %j as a hash", async (sha256) => {
    await expect(obtainFile({ ...known(), sha256 })).rejects.toThrow(AttributeError);
    await expect(obtainFile({ ...known(), sha256 })).rejects.toThrow(/is no SHA-256\. Remedy: give its 64 hex/);
  });
});
