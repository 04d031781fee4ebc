// A program's words stay where they are, and follow whatever moves.
import { compile, fromHost, softmax, type Tensor, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { Frame } from "../src/program/frame.ts";

test("words are made again when an address is another, and only then", () => {
  const encoded = {
    words: Int32Array.of(7, 0, 8, 16),
    records: 0,
    addresses: Int32Array.of(2, 0, 3, 1),
    own: Int32Array.of(1),
    scratchBytes: 0,
    alone: true,
  };
  const frame = new Frame(encoded, 1024);
  expect([...(frame.bind([64, 128]) ?? [])]).toEqual([7, 1024, 72, 144]);
  expect(frame.bind([64, 128])).toBeUndefined();
  expect([...(frame.bind([64, 192]) ?? [])]).toEqual([7, 1024, 72, 208]);
  expect([...(frame.bind([64, 128]) ?? [])]).toEqual([7, 1024, 72, 144]);
  expect([...encoded.words]).toEqual([7, 0, 8, 16]);
});

test.each([1, 2])("results that are kept, and inputs in turn, on %i threads", async (threads) => {
  const backend = await useBackend(cpu({ threads }));
  const f = compile((x: Tensor) => softmax(x, 1));
  const given = [0, 1, 2].map((first) => fromHost(Float32Array.of(first, 0, 0, -first), [2, 2], "float32"));
  const results = [0, 1, 1, 2, 0, 2, 2, 1].map((index) => ({ index, y: f(given[index] ?? fail()) }));
  for (const { index, y } of results) {
    const share = 1 / (1 + Math.exp(-index));
    const found = [...(await y.data())];
    [share, 1 - share, share, 1 - share].forEach((wanted, place) => expect(found[place]).toBeCloseTo(wanted, 6));
  }
  backend.dispose();
});

function fail(): never {
  throw new RangeError("no such input");
}
