// Files that are there already, and files as they are published: compressed, too large, in archives.
import { mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FormatError } from "@stria/core";
import { describe, expect, it, vi } from "vitest";
import { cifar10 } from "../src/cifar10.ts";
import { cifar100 } from "../src/cifar100.ts";
import { type Collection, obtain } from "../src/collection.ts";
import { fashionMnist } from "../src/fashion-mnist.ts";
import { kmnist } from "../src/kmnist.ts";
import { mnist } from "../src/mnist.ts";
import { cached, collection, compressed, contents, hash, labels, send, site, useSite } from "./download-site.ts";
import { tarOf } from "./fixtures.ts";

useSite();

describe("files that are there", () => {
  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(join(site.folder, path, ".."), { recursive: true });
    await writeFile(join(site.folder, path), bytes);
  };

  it("are found in dataDir, or its folder of that name, compressed or not; the rest is downloaded into it", async () => {
    await put("mine/numbers/images", contents);
    expect(await obtain(collection(), { dataDir: join(site.folder, "mine") })).toEqual([contents, labels]);
    expect(site.asked).toEqual(["/one/labels"]);
    expect((await readdir(join(site.folder, "mine", "numbers"))).toSorted()).toEqual(["images", "labels"]);
    site.asked = [];
    expect(await obtain(collection(), { dataDir: join(site.folder, "mine", "numbers"), download: false })).toEqual([
      contents,
      labels,
    ]);
    await put("flat/images.gz", compressed);
    await put("flat/labels", labels);
    expect(await obtain(collection(), { dataDir: join(site.folder, "flat"), download: false })).toEqual([
      contents,
      labels,
    ]);
    expect(site.asked).toEqual([]);
  });

  it("are found in STRIA_DATA, then in the cache", async () => {
    await put("all/numbers/labels", labels);
    await put("stria/numbers/images.gz", compressed);
    vi.stubEnv("STRIA_DATA", join(site.folder, "all"));
    expect(await obtain(collection(), { download: false })).toEqual([contents, labels]);
  });

  it("are refused when they are not what was published, by their path", async () => {
    await put("mine/numbers/labels", Uint8Array.of(9));
    await put("mine/numbers/images.gz", compressed.subarray(0, 3000));
    const failure: unknown = await obtain(collection(), { dataDir: join(site.folder, "mine") }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(FormatError);
    expect(String(failure)).toContain(
      `${join(site.folder, "mine", "numbers", "images.gz")}: it cannot be decompressed`,
    );
    await put("mine/numbers/images.gz", compressed);
    await expect(obtain(collection(), { dataDir: join(site.folder, "mine") })).rejects.toThrow(
      `${join(site.folder, "mine", "numbers", "labels")}: the SHA-256 is`,
    );
    expect(site.asked).toEqual([]);
  });
});

describe("files of which the compressed form is published", () => {
  const packed = (changed: Partial<Collection> = {}): Collection =>
    collection({
      files: [
        {
          name: "images.gz",
          bytes: contents.length,
          packed: { bytes: compressed.length, sha256: hash(compressed) },
        },
      ],
      ...changed,
    });

  it("are verified before they are decompressed", async () => {
    site.answers["/one/images.gz"] = send(gzipSync(contents, { level: 2 })); // the same contents, another file
    expect(await obtain(packed())).toEqual([contents]);
    expect(site.asked).toEqual(["/one/images.gz", "/two/images.gz"]);
    expect(await obtain(packed(), { download: false })).toEqual([contents]);
    site.answers["/two/images.gz"] = send(Buffer.from("not even gzip"));
    await rm(cached(), { recursive: true });
    await expect(obtain(packed())).rejects.toThrow(
      /one\/images\.gz: .*(?:more than the \d+ bytes|the SHA-256 is).*two\/images\.gz: images\.gz: the SHA-256 is/,
    );
  });

  it("are not looked for decompressed", async () => {
    await mkdir(cached(), { recursive: true });
    await writeFile(join(cached(), "images"), contents);
    await expect(obtain(packed(), { download: false })).rejects.toThrow(/images\.gz not found/);
  });
});

describe("a file that is too large", () => {
  it("is refused unread, by its path", async () => {
    await mkdir(cached(), { recursive: true });
    const huge = await open(join(cached(), "images.gz"), "w");
    await huge.truncate(2 ** 36); // takes no room; read, it would be 64 GiB
    await huge.close();
    const failure: unknown = await obtain(collection()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FormatError);
    expect(String(failure)).toContain(
      `${join(cached(), "images.gz")}: it has 68719476736 bytes, more than the 1348576`,
    );
    await rm(join(cached(), "images.gz"));
    const part = await open(join(cached(), "images.gz.part"), "w");
    await part.truncate(2 ** 36);
    await part.close();
    expect(await obtain(collection())).toEqual([contents, labels]); // a part that cannot be one is not kept
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
  });
});

describe("files published in one archive", () => {
  const archived = (members: Parameters<typeof tarOf>[0]): Uint8Array => gzipSync(tarOf(members));
  const together = (whole: Uint8Array): Collection =>
    collection({
      files: [
        { name: "images", bytes: contents.length, sha256: hash(contents) },
        { name: "labels", bytes: 3, sha256: hash(labels) },
      ],
      archive: {
        name: "numbers.tar.gz",
        bytes: 1e6,
        packed: { bytes: whole.length, sha256: hash(whole) },
      },
    });

  const good = archived([
    ["set/labels", labels],
    ["set/readme", labels],
    ["set/images", contents],
  ]);

  it("are taken out of it, verified and kept one by one", async () => {
    site.answers["/one/numbers.tar.gz"] = send(good);
    expect(await obtain(together(good))).toEqual([contents, labels]);
    expect((await readdir(cached())).toSorted()).toEqual(["images", "labels"]);
    expect(await obtain(together(good), { download: false })).toEqual([contents, labels]);
    expect(site.asked).toEqual(["/one/numbers.tar.gz"]);
  });

  it("are taken out of an archive that is there", async () => {
    await mkdir(join(site.folder, "mine", "numbers"), { recursive: true });
    const path = join(site.folder, "mine", "numbers", "numbers.tar.gz");
    await writeFile(path, good);
    const options = { dataDir: join(site.folder, "mine"), download: false };
    expect(await obtain(together(good), options)).toEqual([contents, labels]);
    await writeFile(
      path,
      good.map((byte, index) => (index === 5000 ? byte ^ 1 : byte)),
    );
    await rm(join(site.folder, "mine", "numbers", "labels"));
    await expect(obtain(together(good), options)).rejects.toThrow(`${path}: the SHA-256 is`);
    expect(site.asked).toEqual([]);
  });

  it("are got from the next mirror when the archive is not the published one: it is not unpacked", async () => {
    site.answers["/one/numbers.tar.gz"] = send(good.subarray(0, -1));
    site.answers["/two/numbers.tar.gz"] = send(Uint8Array.from(good, (byte) => byte ^ 1));
    await expect(obtain(together(good))).rejects.toThrow(
      /one\/numbers.*: the SHA-256 is .*two\/numbers.*: the SHA-256 is/,
    );
    site.answers["/own/numbers.tar.gz"] = send(good);
    expect(await obtain(together(good), { mirrors: [`${site.address}/own/`] })).toEqual([contents, labels]);
  });

  it("are each compared with what was published of them", async () => {
    for (const [members, fault] of [
      [[["set/images", contents]], /there is no labels in it/],
      [
        [
          ["set/images", contents],
          ["set/labels", Uint8Array.of(3, 2, 1)],
        ],
        /labels: the SHA-256 is/,
      ],
    ] as const) {
      const whole = archived(members);
      site.answers["/one/numbers.tar.gz"] = send(whole);
      await expect(obtain(together(whole))).rejects.toThrow(fault);
    }
  });
});

describe("the data sets of the field", () => {
  it.each([
    ["mnist", mnist, "train-images-idx3-ubyte.gz, train-labels"],
    ["fashion-mnist", fashionMnist, "train-images-idx3-ubyte.gz, train-labels"],
    ["kmnist", kmnist, "train-images-idx3-ubyte.gz, train-labels"],
    ["cifar10", cifar10, "data_batch_1.bin, data_batch_2.bin"],
    ["cifar100", cifar100, "train.bin, test.bin not found"],
  ])("%s: says what is missing, where it was looked for and what to do", async (name, read, files) => {
    vi.stubEnv("STRIA_DATA", site.folder);
    await writeFile(join(site.folder, "train-images-idx3-ubyte.gz"), "of which data set?"); // not in a folder of its own
    const message = String(await read({ download: false }).catch((error: unknown) => error));
    expect(message).toContain(`DownloadError: ${name}: ${files}`);
    expect(message).toContain(join(site.folder, name));
    expect(message).toContain(`put the files of ${name} into ${join(site.folder, "stria", name)}`);
  });

  it.each([
    ["fashionMnist", fashionMnist, "train-images-idx3-ubyte.gz"],
    ["kmnist", kmnist, "train-images-idx3-ubyte.gz"],
    ["cifar10", cifar10, "cifar-10-binary.tar.gz"],
    ["cifar100", cifar100, "cifar-100-binary.tar.gz"],
  ])("%s: is not taken from a mirror that has another file", async (_, read, file) => {
    const original = globalThis.fetch;
    const outside = vi.spyOn(globalThis, "fetch").mockImplementation(async (target, init) => {
      if ((typeof target === "string" ? target : "").startsWith(site.address)) return original(target, init);
      throw new TypeError("this test has no network");
    });
    site.answers[`/own/${file}`] = send(compressed.subarray(0, 5000));
    await expect(read({ mirrors: [`${site.address}/own`] })).rejects.toThrow(
      new RegExp(`own/${file}: ${file}: the SHA-256 is [0-9a-f]{64} instead of [0-9a-f]{64}; .*no network`),
    );
    outside.mockRestore();
  });
});
