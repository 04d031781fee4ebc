// Tar shards as a stream; the archives with long names are Python's own.
import { gzipSync } from "node:zlib";
import { FormatError } from "@stria/core";
import { loader } from "@stria/data";
import { archiveFiles, imageFolder, shardedImages, shards, tarMembers } from "@stria/datasets";
import { describe, expect, test } from "vitest";
import { bytesOf, collected, files, tarOf, wavePng } from "./fixtures.ts";

const streamOf = (bytes: Uint8Array<ArrayBuffer>, piece = bytes.length): ReadableStream<Uint8Array<ArrayBuffer>> => {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, (at += piece)));
    },
  });
};
const membersOf = async (bytes: Uint8Array<ArrayBuffer>, options = {}, piece?: number) =>
  (await collected(tarMembers(streamOf(bytes, piece), "a.tar", options))).map(({ path, bytes: content }) => [
    path,
    new TextDecoder().decode(content),
  ]);

const two: readonly (readonly [string, string])[] = [
  ["a/1.txt", "one"],
  ["a/2.txt", "x".repeat(2000)],
];

describe("tarMembers", () => {
  test.each([7, 512, 1000, undefined])("files in pieces of %s bytes, compressed or not", async (piece) => {
    expect(await membersOf(tarOf(two), {}, piece)).toEqual(two);
    expect(await membersOf(new Uint8Array(gzipSync(tarOf(two))), {}, piece)).toEqual(two);
  });

  test("names of more than a hundred letters, by pax and by GNU", async () => {
    const long = `train/${"x".repeat(120)}.txt`;
    for (const archive of [pax, gnu])
      expect(await membersOf(new Uint8Array(Buffer.from(archive, "base64")))).toEqual([
        [long, "long"],
        ["train/a.b.cls", "3"],
      ]);
  });

  test("links and folders are passed over, whatever they point to", async () => {
    const archive = tarOf([
      ["link", "", "2"],
      ["folder/", "", "5"],
      ["/hard", "", "1"],
      ["1.txt", "one"],
    ]);
    expect(await membersOf(archive)).toEqual([["1.txt", "one"]]);
  });

  const whole = tarOf(two);
  const damaged = whole.slice();
  damaged[1030] = (damaged[1030] ?? 0) ^ 1;
  test.each([
    ["nothing", new Uint8Array(0), "the archive is empty"],
    ["text", bytesOf("hello ".repeat(200)), "it is no tar archive"],
    ["a few bytes", bytesOf("hello"), "it is no tar archive"],
    ["a damaged header", damaged, "the header at byte 1024 of the archive is damaged"],
    ["one that ends in a file", whole.slice(0, 1600), "the archive is cut short"],
    ["one that ends in a header", whole.slice(0, 1100), "the archive is cut short"],
    ["one that ends between files", whole.slice(0, 1024), "the archive is cut short"],
    ["gzip that is cut", new Uint8Array(gzipSync(whole)).slice(0, 60), "the archive is damaged or cut short"],
    [
      "a path that leads outside",
      tarOf([["../../etc/passwd", "x"]]),
      'it names the file "../../etc/passwd", which is outside',
    ],
    ["an absolute path", tarOf([["/etc/passwd", "x"]]), 'it names the file "/etc/passwd", which is outside'],
    [
      "a file of eight gigabytes",
      tarOf([["1.txt", "x"]], 2 ** 33 - 1),
      "declares 8589934591 bytes, more than the limit of 268435456",
    ],
    ["a long name of two megabytes", tarOf([["1.txt", "x", "x"]], 2 ** 21), "more than the limit of 1048576"],
  ])("%s is refused", async (_, bytes, fault) => {
    const refusal = membersOf(bytes);
    await expect(refusal).rejects.toThrow(FormatError);
    await expect(refusal).rejects.toThrow("a.tar: ");
    await expect(refusal).rejects.toThrow(fault);
  });

  test("more than the limit is refused; no more is read than is asked for", async () => {
    await expect(membersOf(tarOf(two), { limit: 1999 })).rejects.toThrow(
      "the member at byte 1024 declares 2000 bytes, more than the limit of 1999",
    );
    let pulled = 0;
    const archive = tarOf(Array.from({ length: 500 }, (_, index) => [`${index}.txt`, "x".repeat(1000)] as const));
    const counted = streamOf(archive, 1536).pipeThrough(
      new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: (piece, controller) => {
          pulled++;
          controller.enqueue(piece);
        },
      }),
    );
    for await (const { path } of tarMembers(counted, "a.tar")) if (path === "2.txt") break;
    expect(pulled).toBeLessThan(60); // of 500: some are held by the stream's own queues
  });
});

const image = async (number: number) =>
  [
    [`${number}.png`, await wavePng(number, 4, 5)],
    [`${number}.cls`, String(number % 2)],
  ] as const;
const shardSet = async () =>
  files({
    "a-000.tar": tarOf([...(await image(1)), ...(await image(2))]),
    "a-001.tar.gz": new Uint8Array(gzipSync(tarOf(await image(3)))),
    "readme.txt": "x",
  });

describe("archiveFiles", () => {
  test("an archive is a folder of any dataset", async () => {
    const archive = tarOf([
      ["./set/cats/1.png", await wavePng(1)],
      ["./set/dogs/2.png", await wavePng(2)],
    ]);
    const set = await imageFolder(await archiveFiles(new Uint8Array(gzipSync(archive)), { name: "a.tgz" }), {
      within: "set",
    });
    expect([set.classNames, (await set.get(1)).image.shape]).toEqual([
      ["cats", "dogs"],
      [3, 24, 32],
    ]);
    await expect(archiveFiles(tarOf(two), { total: 2002 })).rejects.toThrow(
      "archive: its files are more than 2002 bytes",
    );
    await expect(archiveFiles(bytesOf("hello"))).rejects.toThrow("archive: it is no tar archive");
  });
});

describe("shards", () => {
  test("files of one name are one sample", async () => {
    const source = files({
      "s.tar": tarOf([
        ["a/1.seg.PNG", "p"],
        ["a/1.cls", "2"],
        ["b/1.cls", "3"],
      ]),
    });
    const found = (await collected(shards(source))).map(({ key, files: parts, shard }) => [
      key,
      [...parts.keys()],
      shard,
    ]);
    expect(found).toEqual([
      ["a/1", ["seg.png", "cls"], "set/s.tar"],
      ["b/1", ["cls"], "set/s.tar"],
    ]);
    const twice = files({
      "s.tar": tarOf([
        ["1.cls", "2"],
        ["1.CLS", "3"],
      ]),
    });
    await expect(collected(shards(twice))).rejects.toThrow("set/s.tar: sample 1 has two files .cls");
    await expect(collected(shards(files({})))).rejects.toThrow("there are no shards in it");
  });

  test("labelled images, in the order of the shards; parts share no shard and leave none out", async () => {
    const source = await shardSet();
    const namesOf = async (options = {}) =>
      (await collected(shardedImages(source, options))).map(({ name, label }) => [name, label]);
    const all = [
      ["set/a-000.tar/1", 1],
      ["set/a-000.tar/2", 0],
      ["set/a-001.tar.gz/3", 1],
    ];
    expect(await namesOf()).toEqual(all);
    expect(await namesOf({ part: { index: 0, of: 2 } })).toEqual(all.slice(0, 2));
    expect(await namesOf({ part: { index: 1, of: 2 } })).toEqual(all.slice(2));
    expect(() => shards(source, { part: { index: 2, of: 2 } })).toThrow("part is 2 of 2");
    for await (const { image: images, label } of loader(shardedImages(source), { batchSize: 3 }))
      expect([images.length, label.dtype]).toEqual([3, "int32"]);
  });

  test("shuffled shards come in an order of the seed and the pass", async () => {
    const source = files(
      Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${index}.tar`, tarOf([["1.cls", String(index)]])])),
    );
    const stream = shards(source, { shuffleShards: true, seed: 1 });
    const pass = async (epoch: number) => (await collected(stream.pass?.(epoch) ?? stream)).map(({ shard }) => shard);
    const [first, again, second] = [await pass(0), await pass(0), await pass(1)];
    expect([first, first.toSorted()]).toEqual([again, second.toSorted()]);
    expect(first).not.toEqual(second);
  });

  test("a broken sample, or the rest of a broken shard, is passed over on request, and named", async () => {
    const source = files({
      "a.tar": tarOf([["1.png", "no image"], ["1.cls", "0"], ...(await image(2))]),
      "b.tar": tarOf([...(await image(4)), ...(await image(5))]).slice(0, 3600),
      "c.tar": tarOf([["6.png", await wavePng(6)]]),
      "d.tar": tarOf(await image(7)),
    });
    const broken: string[] = [];
    const found = await collected(
      shardedImages(source, { onBroken: ({ name, error }) => void broken.push(`${name}: ${error.name}`) }),
    );
    expect(found.map(({ name }) => name)).toEqual(["set/a.tar/2", "set/b.tar/4", "set/d.tar/7"]);
    expect(broken).toEqual(["set/a.tar/1: FormatError", "set/b.tar: FormatError", "set/c.tar/6: FormatError"]);
    await expect(collected(shardedImages(source))).rejects.toThrow("set/a.tar/1.png: it begins with the bytes");
    await expect(collected(shardedImages(source, { only: (path) => path === "c.tar" }))).rejects.toThrow(
      'set/c.tar/6: its class (cls) is ""',
    );
    await expect(
      collected(shardedImages(source, { only: (path) => path === "d.tar", classNames: ["a"] })),
    ).rejects.toThrow('its class (cls) is "1"');
    await expect(
      collected(shardedImages(source, { only: (path) => path === "d.tar", image: ["jpg"] })),
    ).rejects.toThrow("it has no image; its files are png, cls");
  });
});

const pax =
  "H4sIAAAAAAACA+3VsQ6CMBSF4c48RZ+gvZcWNhJHR1+hKlESQAM16eMLmhgdcKMYOd9CUwYGcvIrrfRm58K2dMeyE7Ogp6knpYZf58c9U8osZBAR3HrvuuHzYp3Ykrw6fy5856pWh4UoH3zCRja+asqCVZYIiCHGbx9HnVs7uX8i+3ZOBZmMh9eSsP/Z1Zf2hBWsl/qB/hNn6P9S/Udz0X/t1F4d6l7Mt//v/efP/o/7z9H/GAwmAAAAAAAAAAAAAAAA8FfuntYkZgAoAAA=";
const gnu =
  "H4sIANM5AmsC/+3W0QqCMBSA4T3KnmA7uqm3PYAvYRYhiYUu8vErhMDAogsN8v9uNs7t+LcZa+wmPzWHvGqOah4ymFolFvfcD/MsS0TpXC3g0oWi1VqtVGiLqrH9j5jQB4U/P/9H1Kn3k/2L+HH/LhGXKi30P7v6fvVTwdr7L8zWlHU34/v/vv9o3H8kUeLpfwmOBFatnu/b/0X/8tp/6iKlY7sPpT0XXXfd0T8AAAAAAAAAAADw2Q1wZ89MACgAAA==";
