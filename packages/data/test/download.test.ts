import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DownloadError, type DownloadProgress } from "@stria/download";
import { describe, expect, it } from "vitest";
import { obtain } from "../src/collection.ts";
import {
  breakWhatCame,
  cached,
  collection,
  compressed,
  contents,
  labels,
  send,
  sendUpTo,
  site,
  useSite,
} from "./download-site.ts";

useSite();

describe("a download", () => {
  it("is verified, kept in the cache, told of as it comes, and not repeated", async () => {
    const progress: DownloadProgress[] = [];
    expect(await obtain(collection(), { onProgress: (now) => progress.push(now) })).toEqual([contents, labels]);
    expect(site.asked).toEqual(["/one/images.gz", "/one/labels"]);
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
    expect(new Uint8Array(await readFile(join(cached(), "images.gz")))).toEqual(new Uint8Array(compressed));
    const images = progress.filter(({ file }) => file === "images.gz");
    expect(images.at(-1)).toEqual({
      file: "images.gz",
      address: `${site.address}/one/images.gz`,
      received: compressed.length,
      total: compressed.length,
    });
    expect(images.map(({ received }) => received)).toEqual(
      images.map(({ received }) => received).toSorted((a, b) => a - b),
    );

    site.asked = [];
    expect(await obtain(collection())).toEqual([contents, labels]);
    expect(site.asked).toEqual([]);
  });

  it("goes to the next mirror after a refusal, and to those of the user first", async () => {
    delete site.answers["/one/images.gz"];
    expect(await obtain(collection(), { mirrors: [`${site.address}/own`] })).toEqual([contents, labels]);
    expect(site.asked).toEqual(["/own/images.gz", "/one/images.gz", "/two/images.gz", "/own/labels", "/one/labels"]);
  });

  it("goes to the next mirror when the contents are not what was published", async () => {
    site.answers["/one/images.gz"] = send(gzipSync(contents.map((byte) => byte ^ 1)));
    site.answers["/one/labels"] = send(Uint8Array.of(1, 2, 4));
    expect(await obtain(collection())).toEqual([contents, labels]);
    expect(site.asked).toEqual(["/one/images.gz", "/two/images.gz", "/one/labels", "/two/labels"]);
  });

  it("goes to the next mirror when the file is cut short", async () => {
    site.answers["/one/images.gz"] = send(compressed.subarray(0, 5000));
    expect((await obtain(collection()))[0]).toEqual(contents);
  });

  it("goes to the next mirror when nothing comes, or too much", async () => {
    site.answers["/one/images.gz"] = (_, response) => response.writeHead(200).flushHeaders();
    site.answers["/one/labels"] = send(new Uint8Array(2_000_000));
    expect(await obtain(collection(), { patience: 3000 })).toEqual([contents, labels]);
    expect(site.asked).toEqual(["/one/images.gz", "/two/images.gz", "/one/labels", "/two/labels"]);
  });

  it("takes files that the server has decompressed on the way", async () => {
    site.answers["/one/images.gz"] = (_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(compressed);
    expect((await obtain(collection()))[0]).toEqual(contents);
    expect(site.asked).toEqual(["/one/images.gz", "/one/labels"]);
  });
});

describe("a broken connection", () => {
  it("is resumed at the next mirror", async () => {
    site.answers["/one/images.gz"] = sendUpTo(70_000);
    site.answers["/two/images.gz"] = sendUpTo(Infinity);
    expect((await obtain(collection(), { onProgress: breakWhatCame }))[0]).toEqual(contents);
    expect(site.asked[1]).toBe("/two/images.gz bytes=70000-");
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
  });

  it("is resumed by the next run, from what was kept", async () => {
    site.answers["/one/images.gz"] = sendUpTo(70_000);
    site.answers["/two/images.gz"] = sendUpTo(80_000);
    await expect(obtain(collection(), { onProgress: breakWhatCame })).rejects.toThrow(DownloadError);
    expect(await readdir(cached())).toEqual(["images.gz.part"]);
    site.answers["/one/images.gz"] = sendUpTo(Infinity);
    site.asked = [];
    expect((await obtain(collection()))[0]).toEqual(contents);
    expect(site.asked[0]).toBe(`/one/images.gz bytes=80000-`);
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
  });

  it.each([
    ["not of this file", 5000],
    ["longer than the file", 500_000],
  ])("a kept part that is %s is thrown away", async (_, length) => {
    await mkdir(cached(), { recursive: true });
    await writeFile(join(cached(), "images.gz.part"), new Uint8Array(length).fill(0x1f));
    site.answers["/one/images.gz"] = (request, response) => {
      if (request.headers.range && length > compressed.length) send(new Uint8Array(0), 416)(request, response);
      else sendUpTo(Infinity)(request, response);
    };
    expect((await obtain(collection()))[0]).toEqual(contents);
    expect(site.asked.slice(0, 2)).toEqual([`/one/images.gz bytes=${length}-`, "/one/images.gz"]);
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
  });

  it("a server that ignores ranges starts again", async () => {
    site.answers["/one/images.gz"] = sendUpTo(70_000);
    expect((await obtain(collection(), { onProgress: breakWhatCame }))[0]).toEqual(contents);
    expect(site.asked[1]).toBe("/two/images.gz bytes=70000-");
  });
});

describe("what cannot be had", () => {
  it("is an error that lists the mirrors and what happened, where it was looked for, and what to do", async () => {
    delete site.answers["/one/images.gz"];
    site.answers["/two/images.gz"] = send(gzipSync(labels));
    const failure: unknown = await obtain(collection()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DownloadError);
    const message = String(failure);
    expect(message).toContain("images.gz, labels not found");
    expect(message).toContain(cached());
    expect(message).toContain(`${site.address}/one/images.gz: the server answered 404`);
    expect(message).toMatch(/two\/images\.gz: images\.gz: the SHA-256 is [0-9a-f]{64} instead of [0-9a-f]{64}/);
    expect(message).toMatch(
      /Remedy: connect to the network, or put the files of numbers into .*stria\/numbers.*, or pass dataDir/,
    );
    await expect(readdir(cached())).rejects.toThrow("ENOENT");
  });

  it("fails at once where nobody listens, and says so", async () => {
    await site.close();
    await expect(obtain(collection())).rejects.toThrow(/one\/images\.gz: no connection \(.*ECONNREFUSED/);
  });

  it("is not downloaded where that is not wanted", async () => {
    await expect(obtain(collection(), { download: false })).rejects.toThrow(
      /images\.gz, labels not found .*, and download is false/,
    );
    expect(site.asked).toEqual([]);
  });

  it("stops when the user says so, with the user's reason, and keeps what came", async () => {
    const user = new AbortController();
    site.answers["/one/images.gz"] = (_, response) => response.writeHead(200).write(compressed.subarray(0, 9000));
    const reason = new Error("no longer wanted");
    const stopping = obtain(collection(), { signal: user.signal, onProgress: () => user.abort(reason) });
    await expect(stopping).rejects.toBe(reason);
    expect(await readdir(cached())).toEqual(["images.gz.part"]);
    await expect(obtain(collection(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(site.asked).toEqual(["/one/images.gz"]);
  });

  it.skipIf(process.getuid?.() === 0)(
    "says so when it cannot be kept (skipped as root, who may write everywhere)",
    async () => {
      await chmod(site.folder, 0o555);
      await expect(obtain(collection())).rejects.toThrow(/the downloaded file cannot be written/);
    },
  );

  it("says so when its place is taken by a file", async () => {
    await writeFile(join(site.folder, "stria"), "in the way");
    await expect(obtain(collection())).rejects.toThrow(/the downloaded file cannot be written\. Remedy: .*dataDir/);
  });
});
