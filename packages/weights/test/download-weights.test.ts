// Published weights by what the zoo knows of them.
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSafetensors } from "@stria/core/safetensors";
import { downloadWeights } from "@stria/weights";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openFileSite } from "../../../tools/src/vitest/file-site.ts";
import { putFile, rangesAsked } from "../../../tools/src/vitest/site-client.ts";

const file = encodeSafetensors(new Map([["w", { shape: [2], dtype: "float32", data: Float32Array.of(1, 2) }]]));
const sha256 = createHash("sha256").update(file).digest("hex");

let cache = "";
let site = { address: "", close: async (): Promise<void> => undefined };

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "stria-weights-"));
  vi.stubEnv("STRIA_CACHE", cache);
  vi.stubEnv("STRIA_DATA", undefined);
  site = await openFileSite();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await site.close();
  await rm(cache, { recursive: true });
});

test("a file whose name says nothing of its hash is kept under one that does", async () => {
  const url = `${await putFile(site.address, "model.safetensors", file)}?download=true`;
  const { bytes } = await downloadWeights({ name: "net", url, sha256 });
  expect(bytes).toEqual(file);
  expect(await readdir(join(cache, "weights"))).toEqual([`model-${sha256.slice(0, 8)}.safetensors`]);
  expect(await rangesAsked(url.replace(/\?.*/, ""))).toEqual([""]);
});

test("a name with the hash stays, and is known by the first digits alone", async () => {
  const name = `net-${sha256.slice(0, 8)}.pth`;
  const url = await putFile(site.address, name, file);
  const known = { name: "net", url, sha256: sha256.slice(0, 8).toUpperCase() };
  expect((await downloadWeights(known)).where).toBe(join(cache, "weights", name));
});

test("a file under the publisher's name in a folder of the user's is taken", async () => {
  await writeFile(join(cache, "model.pth"), file);
  const url = "https://stria.invalid/weights/model.pth";
  expect((await downloadWeights({ name: "net", url, sha256 }, { dataDir: cache })).where).toBe(
    join(cache, "model.pth"),
  );
  await expect(downloadWeights({ name: "net", url, sha256 }, { download: false })).rejects.toThrow(
    new RegExp(
      `or get ${url} by other means and put it into .*weights/model-${sha256.slice(0, 8)}.pth; or pass dataDir`,
    ),
  );
});
