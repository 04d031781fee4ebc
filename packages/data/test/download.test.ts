import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { FormatError } from "@stria/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cifar10 } from "../src/cifar10.ts";
import { cifar100 } from "../src/cifar100.ts";
import { type Collection, obtain } from "../src/download/collection.ts";
import { DownloadError } from "../src/download/download-error.ts";
import type { DownloadProgress } from "../src/download/fetch-file.ts";
import { fashionMnist } from "../src/fashion-mnist.ts";
import { kmnist } from "../src/kmnist.ts";
import { mnist } from "../src/mnist.ts";
import { noise, tarOf } from "./fixtures.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const contents = noise(300_000);
const compressed = gzipSync(contents, { level: 1 });
const labels = Uint8Array.of(1, 2, 3);
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

let folder = "";
let address = "";
let closeServer = async (): Promise<void> => undefined;
let answers: Record<string, Answer> = {};
let asked: string[] = [];

const send =
  (bytes: Uint8Array, status = 200): Answer =>
  (_, response) => {
    response.writeHead(status, { "content-length": bytes.length }).end(bytes);
  };

/** Answers as a server that knows ranges; from then on the connection breaks after `length` bytes. */
const sendUpTo =
  (length: number): Answer =>
  (request, response) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const rest = compressed.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": rest.length,
      ...(start > 0 && { "content-range": `bytes ${start}-${compressed.length - 1}/${compressed.length}` }),
    });
    if (start + rest.length <= length) response.end(rest);
    else response.write(rest.subarray(0, length - start), () => setTimeout(() => response.destroy(), 50));
  };

function collection(changed: Partial<Collection> = {}): Collection {
  return {
    name: "numbers",
    files: [
      { name: "images.gz", bytes: contents.length, sha256: hash(contents) },
      { name: "labels", bytes: labels.length, sha256: hash(labels) },
    ],
    mirrors: [`${address}/one/`, `${address}/two`],
    ...changed,
  };
}

const cached = (): string => join(folder, "stria", "numbers");

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stria-data-"));
  vi.stubEnv("XDG_CACHE_HOME", folder);
  vi.stubEnv("STRIA_DATA", undefined);
  answers = {
    "/one/images.gz": send(compressed),
    "/one/labels": send(labels),
    "/two/images.gz": send(compressed),
    "/two/labels": send(labels),
  };
  asked = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.push(request.headers.range ? `${path} ${request.headers.range}` : path);
    const answer = answers[path] ?? send(Buffer.from("nothing here"), 404);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const place = server.address();
  address = `http://127.0.0.1:${typeof place === "object" ? place?.port : place}`;
  closeServer = () =>
    new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await closeServer();
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true, force: true });
});

describe("a download", () => {
  it("is verified, kept in the cache, told of as it comes, and not repeated", async () => {
    const progress: DownloadProgress[] = [];
    expect(await obtain(collection(), { onProgress: (now) => progress.push(now) })).toEqual([contents, labels]);
    expect(asked).toEqual(["/one/images.gz", "/one/labels"]);
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
    expect(new Uint8Array(await readFile(join(cached(), "images.gz")))).toEqual(new Uint8Array(compressed));
    const images = progress.filter(({ file }) => file === "images.gz");
    expect(images.at(-1)).toEqual({
      file: "images.gz",
      address: `${address}/one/images.gz`,
      received: compressed.length,
      total: compressed.length,
    });
    expect(images.map(({ received }) => received)).toEqual(
      images.map(({ received }) => received).toSorted((a, b) => a - b),
    );

    asked = [];
    expect(await obtain(collection())).toEqual([contents, labels]);
    expect(asked).toEqual([]);
  });

  it("goes to the next mirror after a refusal, and to those of the user first", async () => {
    delete answers["/one/images.gz"];
    expect(await obtain(collection(), { mirrors: [`${address}/own`] })).toEqual([contents, labels]);
    expect(asked).toEqual(["/own/images.gz", "/one/images.gz", "/two/images.gz", "/own/labels", "/one/labels"]);
  });

  it("goes to the next mirror when the contents are not what was published", async () => {
    answers["/one/images.gz"] = send(gzipSync(contents.map((byte) => byte ^ 1)));
    answers["/one/labels"] = send(Uint8Array.of(1, 2, 4));
    expect(await obtain(collection())).toEqual([contents, labels]);
    expect(asked).toEqual(["/one/images.gz", "/two/images.gz", "/one/labels", "/two/labels"]);
  });

  it("goes to the next mirror when the file is cut short", async () => {
    answers["/one/images.gz"] = send(compressed.subarray(0, 5000));
    expect((await obtain(collection()))[0]).toEqual(contents);
  });

  it("goes to the next mirror when nothing comes, or too much", async () => {
    answers["/one/images.gz"] = (_, response) => response.writeHead(200).flushHeaders();
    answers["/one/labels"] = send(new Uint8Array(2_000_000));
    expect(await obtain(collection(), { patience: 300 })).toEqual([contents, labels]);
    expect(asked).toEqual(["/one/images.gz", "/two/images.gz", "/one/labels", "/two/labels"]);
  });

  it("takes files that the server has decompressed on the way", async () => {
    answers["/one/images.gz"] = (_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(compressed);
    expect((await obtain(collection()))[0]).toEqual(contents);
    expect(asked).toEqual(["/one/images.gz", "/one/labels"]);
  });
});

describe("a broken connection", () => {
  it("is resumed at the next mirror", async () => {
    answers["/one/images.gz"] = sendUpTo(70_000);
    answers["/two/images.gz"] = sendUpTo(Infinity);
    expect((await obtain(collection()))[0]).toEqual(contents);
    expect(asked[1]).toMatch(/^\/two\/images\.gz bytes=[1-9]\d*-$/);
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
  });

  it("is resumed by the next run, from what was kept", async () => {
    answers["/one/images.gz"] = sendUpTo(70_000);
    answers["/two/images.gz"] = sendUpTo(80_000);
    await expect(obtain(collection())).rejects.toThrow(DownloadError);
    expect(await readdir(cached())).toEqual(["images.gz.part"]);
    const part = await readFile(join(cached(), "images.gz.part"));
    answers["/one/images.gz"] = sendUpTo(Infinity);
    asked = [];
    expect((await obtain(collection()))[0]).toEqual(contents);
    expect(asked[0]).toBe(`/one/images.gz bytes=${part.length}-`);
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
  });

  it.each([
    ["not of this file", 5000],
    ["longer than the file", 500_000],
  ])("a kept part that is %s is thrown away", async (_, length) => {
    await mkdir(cached(), { recursive: true });
    await writeFile(join(cached(), "images.gz.part"), new Uint8Array(length).fill(0x1f));
    answers["/one/images.gz"] = (request, response) => {
      if (request.headers.range && length > compressed.length) send(new Uint8Array(0), 416)(request, response);
      else sendUpTo(Infinity)(request, response);
    };
    expect((await obtain(collection()))[0]).toEqual(contents);
    expect(asked.slice(0, 2)).toEqual([`/one/images.gz bytes=${length}-`, "/one/images.gz"]);
    expect((await readdir(cached())).toSorted()).toEqual(["images.gz", "labels"]);
  });

  it("a server that ignores ranges starts again", async () => {
    answers["/one/images.gz"] = sendUpTo(70_000);
    expect((await obtain(collection()))[0]).toEqual(contents);
    expect(asked[1]).toContain("/two/images.gz bytes=");
  });
});

describe("what cannot be had", () => {
  it("is an error that lists the mirrors and what happened, where it was looked for, and what to do", async () => {
    delete answers["/one/images.gz"];
    answers["/two/images.gz"] = send(gzipSync(labels));
    const failure: unknown = await obtain(collection()).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DownloadError);
    const message = String(failure);
    expect(message).toContain("images.gz, labels not found");
    expect(message).toContain(cached());
    expect(message).toContain(`${address}/one/images.gz: the server answered 404`);
    expect(message).toMatch(/two\/images\.gz: images\.gz: the SHA-256 is [0-9a-f]{64} instead of [0-9a-f]{64}/);
    expect(message).toMatch(
      /Remedy: connect to the network, or put the files of numbers into .*stria\/numbers.*, or pass dataDir/,
    );
    await expect(readdir(cached())).rejects.toThrow("ENOENT");
  });

  it("fails at once where nobody listens, and says so", async () => {
    await closeServer();
    await expect(obtain(collection())).rejects.toThrow(/one\/images\.gz: no connection \(.*ECONNREFUSED/);
  });

  it("is not downloaded where that is not wanted", async () => {
    await expect(obtain(collection(), { download: false })).rejects.toThrow(
      /images\.gz, labels not found .*, and download is false/,
    );
    expect(asked).toEqual([]);
  });

  it("stops when the user says so, with the user's reason, and keeps what came", async () => {
    const user = new AbortController();
    answers["/one/images.gz"] = (_, response) => response.writeHead(200).write(compressed.subarray(0, 9000));
    const reason = new Error("no longer wanted");
    const stopping = obtain(collection(), { signal: user.signal, onProgress: () => user.abort(reason) });
    await expect(stopping).rejects.toBe(reason);
    expect(await readdir(cached())).toEqual(["images.gz.part"]);
    await expect(obtain(collection(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(asked).toEqual(["/one/images.gz"]);
  });

  it.skipIf(process.getuid?.() === 0)(
    "says so when it cannot be kept (skipped as root, who may write everywhere)",
    async () => {
      await chmod(folder, 0o555);
      await expect(obtain(collection())).rejects.toThrow(/the downloaded file cannot be written/);
    },
  );

  it("says so when its place is taken by a file", async () => {
    await writeFile(join(folder, "stria"), "in the way");
    await expect(obtain(collection())).rejects.toThrow(/the downloaded file cannot be written\. Remedy: .*dataDir/);
  });
});

describe("files that are there", () => {
  const put = async (path: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), bytes);
  };

  it("are found in dataDir, or its folder of that name, compressed or not; the rest is downloaded into it", async () => {
    await put("mine/numbers/images", contents);
    expect(await obtain(collection(), { dataDir: join(folder, "mine") })).toEqual([contents, labels]);
    expect(asked).toEqual(["/one/labels"]);
    expect((await readdir(join(folder, "mine", "numbers"))).toSorted()).toEqual(["images", "labels"]);
    asked = [];
    expect(await obtain(collection(), { dataDir: join(folder, "mine", "numbers"), download: false })).toEqual([
      contents,
      labels,
    ]);
    await put("flat/images.gz", compressed);
    await put("flat/labels", labels);
    expect(await obtain(collection(), { dataDir: join(folder, "flat"), download: false })).toEqual([contents, labels]);
    expect(asked).toEqual([]);
  });

  it("are found in STRIA_DATA, then in the cache", async () => {
    await put("all/numbers/labels", labels);
    await put("stria/numbers/images.gz", compressed);
    vi.stubEnv("STRIA_DATA", join(folder, "all"));
    expect(await obtain(collection(), { download: false })).toEqual([contents, labels]);
  });

  it("are refused when they are not what was published, by their path", async () => {
    await put("mine/numbers/labels", Uint8Array.of(9));
    await put("mine/numbers/images.gz", compressed.subarray(0, 3000));
    const failure: unknown = await obtain(collection(), { dataDir: join(folder, "mine") }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(FormatError);
    expect(String(failure)).toContain(`${join(folder, "mine", "numbers", "images.gz")}: it cannot be decompressed`);
    await put("mine/numbers/images.gz", compressed);
    await expect(obtain(collection(), { dataDir: join(folder, "mine") })).rejects.toThrow(
      `${join(folder, "mine", "numbers", "labels")}: the SHA-256 is`,
    );
    expect(asked).toEqual([]);
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
    answers["/one/images.gz"] = send(gzipSync(contents, { level: 2 })); // the same contents, another file
    expect(await obtain(packed())).toEqual([contents]);
    expect(asked).toEqual(["/one/images.gz", "/two/images.gz"]);
    expect(await obtain(packed(), { download: false })).toEqual([contents]);
    answers["/two/images.gz"] = send(Buffer.from("not even gzip"));
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
    answers["/one/numbers.tar.gz"] = send(good);
    expect(await obtain(together(good))).toEqual([contents, labels]);
    expect((await readdir(cached())).toSorted()).toEqual(["images", "labels"]);
    expect(await obtain(together(good), { download: false })).toEqual([contents, labels]);
    expect(asked).toEqual(["/one/numbers.tar.gz"]);
  });

  it("are taken out of an archive that is there", async () => {
    await mkdir(join(folder, "mine", "numbers"), { recursive: true });
    const path = join(folder, "mine", "numbers", "numbers.tar.gz");
    await writeFile(path, good);
    const options = { dataDir: join(folder, "mine"), download: false };
    expect(await obtain(together(good), options)).toEqual([contents, labels]);
    await writeFile(
      path,
      good.map((byte, index) => (index === 5000 ? byte ^ 1 : byte)),
    );
    await rm(join(folder, "mine", "numbers", "labels"));
    await expect(obtain(together(good), options)).rejects.toThrow(`${path}: the SHA-256 is`);
    expect(asked).toEqual([]);
  });

  it("are got from the next mirror when the archive is not the published one: it is not unpacked", async () => {
    answers["/one/numbers.tar.gz"] = send(good.subarray(0, -1));
    answers["/two/numbers.tar.gz"] = send(Uint8Array.from(good, (byte) => byte ^ 1));
    await expect(obtain(together(good))).rejects.toThrow(
      /one\/numbers.*: the SHA-256 is .*two\/numbers.*: the SHA-256 is/,
    );
    answers["/own/numbers.tar.gz"] = send(good);
    expect(await obtain(together(good), { mirrors: [`${address}/own/`] })).toEqual([contents, labels]);
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
      answers["/one/numbers.tar.gz"] = send(whole);
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
    vi.stubEnv("STRIA_DATA", folder);
    await writeFile(join(folder, "train-images-idx3-ubyte.gz"), "of which data set?"); // not in a folder of its own
    const message = String(await read({ download: false }).catch((error: unknown) => error));
    expect(message).toContain(`DownloadError: ${name}: ${files}`);
    expect(message).toContain(join(folder, name));
    expect(message).toContain(`put the files of ${name} into ${join(folder, "stria", name)}`);
  });

  it.each([
    ["fashionMnist", fashionMnist, "train-images-idx3-ubyte.gz"],
    ["kmnist", kmnist, "train-images-idx3-ubyte.gz"],
    ["cifar10", cifar10, "cifar-10-binary.tar.gz"],
    ["cifar100", cifar100, "cifar-100-binary.tar.gz"],
  ])("%s: is not taken from a mirror that has another file", async (_, read, file) => {
    const original = globalThis.fetch;
    const outside = vi.spyOn(globalThis, "fetch").mockImplementation(async (target, init) => {
      if ((typeof target === "string" ? target : "").startsWith(address)) return original(target, init);
      throw new TypeError("this test has no network");
    });
    answers[`/own/${file}`] = send(compressed.subarray(0, 5000));
    await expect(read({ mirrors: [`${address}/own`] })).rejects.toThrow(
      new RegExp(`own/${file}: ${file}: the SHA-256 is [0-9a-f]{64} instead of [0-9a-f]{64}; .*no network`),
    );
    outside.mockRestore();
  });
});
