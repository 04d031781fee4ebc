// Files in a page: dropped ones, and ranges of a real server.
import { type HostTensor } from "@stria/core";
import { decodeStored, encodeSafetensors } from "@stria/core/safetensors";
import { openSafetensors, readWeights } from "@stria/weights";
import { expect, test } from "vitest";
import { putFile, rangesAsked } from "../../../tools/src/vitest/site-client.ts";

const filled = (start: number, length: number): HostTensor => ({
  shape: [length],
  dtype: "float32",
  data: Float32Array.from({ length }, (_, index) => start + index),
});
const file = encodeSafetensors(
  new Map([
    ["big", filled(0, 50_000)],
    ["c", filled(7, 3)],
  ]),
);

async function numbersOf(opened: Awaited<ReturnType<typeof openSafetensors>>, name: string): Promise<number[]> {
  const stored = (await opened.read([name])).get(name);
  return stored ? [...decodeStored(stored).data] : [];
}

test("a dropped file is read in parts", async () => {
  const opened = await openSafetensors(new File([file], "net.safetensors"));
  expect(opened.source).toBe("net.safetensors");
  expect(await numbersOf(opened, "c")).toEqual([7, 8, 9]);
});

test("of a server single tensors are fetched by range, of one without ranges the file once", async () => {
  const address = await putFile(location.origin, "page.safetensors", file);
  expect(await numbersOf(await openSafetensors(address), "c")).toEqual([7, 8, 9]);
  expect(await rangesAsked(address)).toEqual(["bytes=0-65535", `bytes=${file.length - 12}-${file.length - 1}`]);
  const whole = await putFile(location.origin, "page-whole.safetensors", file, { ranges: "no" });
  expect(await numbersOf(await openSafetensors("/file-site/page-whole.safetensors"), "c")).toEqual([7, 8, 9]);
  expect(await rangesAsked(whole)).toEqual(["bytes=0-65535"]);
});

test("a sharded file as files of a page", async () => {
  const index = new File(['{"weight_map": {"c": "one.safetensors"}}'], "model.safetensors.index.json");
  const read = await readWeights(index, { files: [new File([file], "one.safetensors")] });
  expect(read.format).toBe("safetensors");
  expect([...read.tensors.keys()]).toEqual(["c"]);
});
