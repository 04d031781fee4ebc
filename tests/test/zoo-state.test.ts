// The state dicts of the zoo against those of PyTorch's models: keys, shapes and their order.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { namedCells } from "@stria/core";
import { loadModelByName, modelNames } from "@stria/zoo";
import { expect, test } from "vitest";
import { asList, asObject, parseJson } from "../src/golden/json.ts";
import { largeGoldens } from "../src/setting.ts";

/** Where a golden has another name. */
const goldenNames: Readonly<Record<string, string>> = { resnet20: "resnet20_cifar" };

const folder = join(largeGoldens() ?? "", "models");
const absent = largeGoldens() === undefined ? ", left out: there is no ../shared/golden" : "";

for (const name of modelNames) {
  const path = join(folder, `${goldenNames[name] ?? name}.json`);
  const reason = absent || existsSync(path) ? absent : ", left out: there is no golden of it";
  test.skipIf(reason !== "")(`${name} has PyTorch's keys and shapes, in their order${reason}`, async () => {
    const golden = parseJson(readFileSync(path, "utf8"), path);
    const { create } = await loadModelByName(name);
    const listing = [...namedCells(create())].map(([key, { shape, dtype }]) => [
      key,
      shape,
      key.endsWith("num_batches_tracked") ? "int64" : dtype, // int32 in Stria, which has no int64
    ]);
    expect(listing).toEqual(asList(asObject(golden, name)["state"], name));
  });
}
