import { gzipSync } from "node:zlib";
import { boundedInteger, FormatError, streamKey } from "@stria/core";
import { describe, expect, it } from "vitest";
import { readCifar10, readCifar100 } from "../src/formats/cifar-binary.ts";
import { gunzip, isGzip } from "../src/formats/gzip.ts";
import { readIdx } from "../src/formats/idx.ts";
import { readTar } from "../src/formats/tar.ts";
import { noise, tarOf } from "./fixtures.ts";

describe("IDX", () => {
  const header = (type: number, ...shape: number[]): number[] => [
    0,
    0,
    type,
    shape.length,
    ...shape.flatMap((length) => [0, 0, length >> 8, length & 255]),
  ];
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

  it.each([
    [0x08, [0, 255], Uint8Array.of(0, 255)],
    [0x09, [0, 255], Int8Array.of(0, -1)],
    [0x0b, [0x01, 0x02, 0xff, 0xfe], Int16Array.of(258, -2)],
    [0x0c, [0, 0, 1, 0, 0x80, 0, 0, 0], Int32Array.of(256, -(2 ** 31))],
    [0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], Float32Array.of(1, -2.5)],
    [0x0e, [0x3f, 0xf0, 0, 0, 0, 0, 0, 0, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], Float64Array.of(1, Infinity)],
  ])("elements of type %i, big-endian", (type, elements, data) => {
    expect(readIdx(bytes(...header(type, 2), ...elements), "file")).toEqual({ shape: [2], data });
    // At an odd place of a larger buffer, with something behind it that is not the file's.
    const within = bytes(9, ...header(type, 2), ...elements, 9);
    expect(readIdx(within.subarray(1, -1), "file").data).toEqual(data);
  });

  it("has any number of axes", () => {
    expect(readIdx(bytes(...header(8, 2, 1, 3), 1, 2, 3, 4, 5, 6), "file")).toEqual({
      shape: [2, 1, 3],
      data: bytes(1, 2, 3, 4, 5, 6),
    });
    expect(readIdx(bytes(...header(8), 7), "file")).toEqual({ shape: [], data: bytes(7) });
    expect(readIdx(bytes(...header(8, 0, 28)), "file")).toEqual({ shape: [0, 28], data: bytes() });
  });

  it("shares no memory with the file", () => {
    const file = bytes(...header(8, 1), 7);
    const { data } = readIdx(file, "file");
    file.fill(0);
    expect(data[0]).toBe(7);
  });

  it.each([
    ["nothing", bytes(), /0 bytes are too few/],
    ["another format", bytes(0x1f, 0x8b, 8, 0), /begins with 0x1f8b0800, which is not the magic number/],
    ["an unknown type", bytes(...header(0x0a, 0)), /0x00000a01/],
    ["a header cut short", bytes(...header(8, 2, 2)).subarray(0, 9), /ends within its header, after 9 bytes/],
    ["too few elements", bytes(...header(8, 3), 1, 2), /has 10 bytes, but its header \[3\] needs 11/],
    ["too many elements", bytes(...header(8, 1), 1, 2), /has 10 bytes, but its header \[1\] needs 9/],
    ["axes whose product is beyond any file", bytes(0, 0, 8, 3, ...Array<number>(12).fill(255)), /needs 7\.9/],
  ])("is refused: %s", (_, file, fault) => {
    expect(() => readIdx(file, "train-images")).toThrow(FormatError);
    expect(() => readIdx(file, "train-images")).toThrow(fault);
    expect(() => readIdx(file, "train-images")).toThrow(/^train-images: .*delete it and get it again/);
  });
});

describe("CIFAR-10's binary version", () => {
  const record = (label: number, shift: number): number[] => [
    label,
    ...Array.from({ length: 3072 }, (_, index) => (index + shift) % 256),
  ];

  it("is records of a label and 3,072 pixels", () => {
    const { pixels, labels } = readCifar10(Uint8Array.from([...record(9, 0), ...record(0, 7)]), "batch");
    expect(labels).toEqual(Uint8Array.of(9, 0));
    expect(pixels.length).toBe(2 * 3072);
    expect([pixels[0], pixels[1024], pixels[3071], pixels[3072]]).toEqual([0, 0, 255, 7]);
  });

  it.each([
    ["nothing", [], /0 bytes are not a whole number of records/],
    ["a cut record", record(1, 0).slice(1), /3072 bytes/],
    ["an unknown label", [...record(1, 0), ...record(10, 0)], /record 1 has the label 10/],
  ])("is refused: %s", (_, bytes, fault) => {
    expect(() => readCifar10(Uint8Array.from(bytes), "batch.bin")).toThrow(FormatError);
    expect(() => readCifar10(Uint8Array.from(bytes), "batch.bin")).toThrow(fault);
  });
});

describe("CIFAR-100's binary version", () => {
  const record = (coarse: number, fine: number): number[] => [
    coarse,
    fine,
    ...Array.from({ length: 3072 }, (_, index) => index % 251),
  ];

  it("is records of a coarse label, a fine one and 3,072 pixels", () => {
    const { pixels, labels, coarseLabels } = readCifar100(Uint8Array.from([...record(19, 99), ...record(0, 4)]), "t");
    expect([labels, coarseLabels]).toEqual([Uint8Array.of(99, 4), Uint8Array.of(19, 0)]);
    expect([pixels.length, pixels[0], pixels[1], pixels[3072 + 250]]).toEqual([6144, 0, 1, 250]);
  });

  it.each([
    ["CIFAR-10's records", record(1, 0).slice(1), /3073 bytes are not a whole number of records of 3074 bytes/],
    ["an unknown coarse label", record(20, 0), /record 0 has the label 20.*CIFAR-100's binary version/],
    ["an unknown fine label", [...record(1, 0), ...record(1, 100)], /record 1 has the label 100/],
  ])("is refused: %s", (_, bytes, fault) => {
    expect(() => readCifar100(Uint8Array.from(bytes), "train.bin")).toThrow(FormatError);
    expect(() => readCifar100(Uint8Array.from(bytes), "train.bin")).toThrow(fault);
  });
});

describe("whatever a file holds", () => {
  // Valid files with one to four bytes changed, most of them in the header, and cut anywhere.
  const idx = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8);
  const tar = tarOf([
    ["a", Uint8Array.of(1, 2, 3)],
    ["b", new Uint8Array(600)],
  ]);
  const readers: [string, Uint8Array<ArrayBuffer>, (bytes: Uint8Array<ArrayBuffer>) => unknown][] = [
    ["IDX", idx, (bytes) => readIdx(bytes, "file")],
    ["tar", tar, (bytes) => readTar(bytes, "file")],
    ["gzip", new Uint8Array(gzipSync(noise(500))), (bytes) => gunzip(bytes, "file", 1000)],
    ["CIFAR-10", new Uint8Array(3073), (bytes) => readCifar10(bytes, "file")],
    ["CIFAR-100", new Uint8Array(3074), (bytes) => readCifar100(bytes, "file")],
  ];

  it.each(readers)("%s is read or refused by name, nothing else", async (kind, valid, read) => {
    const key = streamKey(1, "damage", kind);
    let [drawn, refused] = [0, 0];
    const draw = (bound: number): number => boundedInteger(key, drawn++, bound);
    for (let attempt = 0; attempt < 400; attempt++) {
      const bytes = valid.slice(0, draw(3) === 0 ? draw(valid.length + 1) : valid.length);
      for (let change = draw(4); change >= 0 && bytes.length > 0; change--)
        bytes[draw(draw(2) === 0 ? bytes.length : Math.min(bytes.length, 160))] = [0, 255, draw(256)][draw(3)] ?? 0;
      try {
        await read(bytes);
      } catch (error) {
        if (!(error instanceof FormatError) || error.subject !== "file") throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe("gzip", () => {
  const content = noise(100_000);
  const compressed = new Uint8Array(gzipSync(content));

  it("is decompressed, up to the limit", async () => {
    expect(isGzip(compressed)).toBe(true);
    expect(isGzip(content)).toBe(false);
    expect(await gunzip(compressed, "file", content.length)).toEqual(content);
    await expect(gunzip(compressed, "file", content.length - 1)).rejects.toThrow(
      "file: it decompresses to more than the 99999 bytes expected",
    );
  });

  it("a small file that stands for a huge one is stopped at the limit", async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(50_000_000)));
    await expect(gunzip(bomb, "bomb", 1000)).rejects.toThrow(FormatError);
  });

  it("is refused when cut or changed", async () => {
    for (const length of [2, 10, 1000, compressed.length - 4])
      await expect(gunzip(compressed.slice(0, length), "file.gz", 1e6)).rejects.toThrow(
        /file\.gz: it cannot be decompressed/,
      );
    const changed = compressed.slice();
    changed[compressed.length - 6] = (changed[compressed.length - 6] ?? 0) ^ 1; // in the checksum of the contents
    await expect(gunzip(changed, "file.gz", 1e6)).rejects.toThrow(FormatError);
  });
});

describe("tar", () => {
  const files: [string, Uint8Array][] = [
    ["folder/a.bin", Uint8Array.of(1, 2, 3)],
    ["b.bin", new Uint8Array(1024).fill(7)],
    ["empty", new Uint8Array(0)],
  ];

  it("gives its regular files by path", () => {
    expect([...readTar(tarOf(files), "archive")]).toEqual(files);
    expect([...readTar(tarOf(files).subarray(0, -1024), "archive")]).toEqual(files);
  });

  it("passes links and folders over", () => {
    const tar = tarOf(files, { 1: "5", 2: "2" });
    expect([...readTar(tar, "archive").keys()]).toEqual(["folder/a.bin"]);
  });

  // By GNU tar 1.34 --format=gnu and --format=pax: a.txt, a file with a path of 262 letters, größe.txt, and a link to the second; compressed by gzip.
  const byTar = {
    gnu: "H4sIAAAAAAACA+2ZS27DIBRFWQobwMY2n2nn9SZQQxOrDq4IVrqb7qIbyMaKO2psqVEHkKrcM3mIKZzL08NU4S2QtPCIEuKrRtY1Ir+tl32lVEMoJxmYT8F4SkmhnA6TDwSUSlVX9UM/uX0/uJc7+d+27cp/rZUmtIf/yXmexp317DyEAzNsjBeBOXO07F77NZT8d+e/SK2l/OH9X627GAmKUAn/y8j/jm/zXyH/i8z/wTnr8Qog/5H/peS/4HqT/1og/wvO/9fhKczestTVul2GARjy/8b8T2zzv8X8LwfLSaELKpe9v3xc3m3SELztv7r2v+FSwv8szMfRzPgAKJY/2/93hD7Cf/T/6P/T9n/ptL/yPxr9i/lPEzsAQtscl7Bw/wEAAJTJJybXR28AKAAA",
    pax: "H4sIAAAAAAACA+3ZQXKCMBQG4Kw9BRcA8xISdOG+y14ho1SZIjoIU2/TW/QCXqygi9owo4NKKuX/NnFg4TjxvT88gvGr2b/EZhHnu7EJin3BHo5XdBge14q9ch6FP5/r60RCcObtmQPlrjB59fVsmCT3TJGs4xlFUyUlcVLBhISWQpEeVXfn9l09Pd2VIwa911HJt6t/rqz656SJebxP9W//uJ7YrTZ5gTIYrOA8/982abX6H0mx8o2fbrKln5l17N95/Vr9SxH9rn/JBUXIfxdIKW9ritWso72/+fp4dMPRZDLB0aQdF9t7POIrdSH/rc+SlNDMU8j/f7P/F/u/VHb/Dzmh/zvp/5qetP8nWRbnN6UAHlDR/9H/+9P/FYXN/o/5nxMiEk/d/7fJvCjz2O96jbNFPQkbXNw8Q/1zHjb7v8D8z4V6p3AKwvzvOP9b5oevw2f86FcC1+qfhHX+o6qzIv/d5D8/xf/Z1uORa0A6KvlW9V/dtepfcIX8d6Jcp6bEC0Dkf53/aZK9/0H9q0b+VyTy383zv/bqbccM4L4ZgO7p+aejkm/UfxRFLea/IuSKecLF/27g+Q8AAAAAAAAAAAAAAAAAAAAAAAD99A2sYHUXAFAAAA==",
  };

  it.each(Object.entries(byTar))("has names of any length, in the format of %s", async (_, base64) => {
    const bytes = await gunzip(new Uint8Array(Buffer.from(base64, "base64")), "archive", 1e5);
    const long = `${"folder-with-a-long-name-".repeat(6)}/inner/${"picture-".repeat(13)}end.txt`;
    const text = new TextDecoder();
    expect([...readTar(bytes, "archive")].map(([path, contents]) => [path, text.decode(contents)])).toEqual([
      ["a.txt", "short"],
      [long, "long"],
      ["größe.txt", "umlaut"],
    ]);
  });

  it("reads no name where GNU's headers have times", () => {
    const tar = tarOf(files);
    const before = tar.subarray(0, 512).reduce((sum, byte) => sum + byte, 0);
    tar.set(new TextEncoder().encode("ustar  \0"), 257);
    tar.set(new TextEncoder().encode("00000000000"), 345);
    const after = tar.subarray(0, 512).reduce((sum, byte) => sum + byte, 0);
    // The sum that is stated counts its own six digits, NUL and space as eight spaces.
    const stated = tar.subarray(148, 156).reduce((sum, byte) => sum + byte, 0);
    const digits = (after - stated + 8 * 32).toString(8).padStart(6, "0");
    expect(after).toBeGreaterThan(before);
    tar.set(new TextEncoder().encode(`${digits}\0 `), 148);
    expect([...readTar(tar, "archive").keys()]).toEqual(files.map(([path]) => path));
  });

  it("is refused when a pax header is damaged", () => {
    for (const record of ["99 path=a\n", "path=a\n", "2 \n", "1 p\n"]) {
      const tar = tarOf([["x", new TextEncoder().encode(record)], ...files], { 0: "x" });
      expect(() => readTar(tar, "archive")).toThrow(
        /^archive: a pax header is damaged\. Remedy: delete the archive and get it again/,
      );
    }
  });

  it("is refused when a header is damaged or a member is cut", () => {
    const damaged = tarOf(files);
    damaged[3] = 0x41;
    expect(() => readTar(damaged, "archive")).toThrow(/archive: the header at byte 0 is damaged/);
    expect(() => readTar(tarOf(files).subarray(0, 2000), "archive")).toThrow(
      /the member at byte 1024 ends behind the archive/,
    );
  });
});
