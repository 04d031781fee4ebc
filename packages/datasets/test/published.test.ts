// Published sets from a real server on the loopback interface: verified by their contents, kept, found again.
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FormatError } from "@stria/core";
import { DownloadError } from "@stria/download";
import {
  archiveFiles,
  bccd,
  contentsHash,
  FolderError,
  isbi2012,
  publishedFolder,
  type PublishedSet,
} from "@stria/datasets";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openFileSite } from "../../../tools/src/vitest/file-site.ts";
import { putFile } from "../../../tools/src/vitest/site-client.ts";
import { files, tarOf } from "./fixtures.ts";

const members = [
  ["repo-1/data/a/1.txt", "one"],
  ["repo-1/data/b/2.txt", "two"],
  ["repo-1/readme.md", "x"],
] as const;
const archive = (changed: Record<string, string> = {}) =>
  new Uint8Array(gzipSync(tarOf(members.map(([path, content]) => [path, changed[path] ?? content] as const))));

let folder = "";
let site = { address: "", close: async (): Promise<void> => undefined };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-published-"));
  vi.stubEnv("STRIA_CACHE", join(folder, "cache"));
  vi.stubEnv("STRIA_DATA", undefined);
  site = await openFileSite();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await site.close();
  await rm(folder, { recursive: true });
});

const known = (...archives: string[]): PublishedSet => ({
  name: "small",
  mark: "a/1.txt",
  folders: ["a", "b"],
  // Python's hashlib, of the lines of hashes and paths.
  contents: "104041b79aa744da590f025a3dc15ab54bf9af90ac2e4d335656d1da6aa9bae6",
  page: "https://example.org",
  archives,
  bytes: 2 ** 20,
});
const textOf = async (source: { read(path: string): Promise<Uint8Array> }, path: string) =>
  new TextDecoder().decode(await source.read(path));

describe("publishedFolder", () => {
  test("is downloaded once, verified by its contents, and found in the cache", async () => {
    const address = await putFile(site.address, "a.tar.gz", archive({ "repo-1/readme.md": "packed anew" }));
    const found = await publishedFolder(known(address), {});
    expect(await textOf(found, "b/2.txt")).toBe("two");
    expect(await readdir(join(folder, "cache", "small"))).toEqual(["small.tar.gz"]);
    expect(await textOf(await publishedFolder(known(), { download: false }), "a/1.txt")).toBe("one");
    await writeFile(join(folder, "cache", "small", "small.tar.gz"), archive({ "repo-1/data/b/2.txt": "changed" }));
    await expect(publishedFolder(known(address), {})).rejects.toThrow(FormatError);
    await expect(publishedFolder(known(address), {})).rejects.toThrow("instead of 104041b79aa744da");
  });

  test("other contents, or an archive that lacks the set, are refused, and the next address is tried", async () => {
    const addresses = [
      await putFile(site.address, "a.tar.gz", archive({ "repo-1/data/b/2.txt": "changed" })),
      await putFile(site.address, "b.tar.gz", new Uint8Array(gzipSync(tarOf([["x.txt", "x"]])))),
      await putFile(site.address, "c.tar.gz", archive().slice(0, 40)),
    ];
    const refusal = publishedFolder(known(...addresses), {});
    await expect(refusal).rejects.toThrow(DownloadError);
    for (const fault of [
      "the hash of its contents is",
      "there is no a/1.txt in it",
      "the archive is damaged or cut short",
    ])
      await expect(refusal).rejects.toThrow(fault);
    const good = await putFile(site.address, "d.tar.gz", archive());
    expect(await textOf(await publishedFolder(known(...addresses), { mirrors: [good] }), "a/1.txt")).toBe("one");
  });

  test("the user's own folder comes first; where that lacks the set, nothing is downloaded in its place", async () => {
    await mkdir(join(folder, "data", "small", "x", "a"), { recursive: true });
    await writeFile(join(folder, "data", "small", "x", "a", "1.txt"), "mine");
    expect(await textOf(await publishedFolder(known(), { from: join(folder, "data") }), "a/1.txt")).toBe("mine");
    vi.stubEnv("STRIA_DATA", join(folder, "data"));
    expect(await textOf(await publishedFolder(known(), {}), "a/1.txt")).toBe("mine");
    await expect(publishedFolder(known(), { from: files({}) })).rejects.toThrow(FolderError);
    vi.stubEnv("STRIA_DATA", folder);
    await expect(publishedFolder(known(), { download: false })).rejects.toThrow("small: not found (");
  });

  test("the hash is of hashes and paths, whatever else is there", async () => {
    const source = await archiveFiles(
      tarOf([
        ["b/2.txt", "two"],
        ["c.txt", "x"],
        ["a/1.txt", "one"],
      ]),
    );
    expect(await contentsHash(source, ["a", "b"])).toBe(
      "104041b79aa744da590f025a3dc15ab54bf9af90ac2e4d335656d1da6aa9bae6",
    );
  });
});

test("the sets say where to get them", async () => {
  await expect(bccd({ download: false })).rejects.toThrow(
    "get it from https://github.com/Shenggan/BCCD_Dataset, and pass its folder as the option from",
  );
  await expect(isbi2012({ download: false })).rejects.toThrow("isbi2012: not found");
});
