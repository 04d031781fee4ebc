// The state dicts of the zoo against those of PyTorch's models: keys, shapes and their order.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { namedCells } from "@stria/core";
import { create, listModels } from "@stria/zoo";
import { expect, test } from "vitest";
import { asList, asObject, parseJson } from "../src/golden/json.ts";
import { largeGoldens } from "../src/setting.ts";

const folder = join(largeGoldens() ?? "", "models");
const absent = largeGoldens() === undefined ? ", left out: there is no ../shared/golden" : "";

for (const name of listModels()) {
  const path = join(folder, `${name}.json`);
  const reason = absent || existsSync(path) ? absent : ", left out: there is no golden of it";
  test.skipIf(reason !== "")(`${name} has PyTorch's keys and shapes, in their order${reason}`, async () => {
    const golden = parseJson(readFileSync(path, "utf8"), path);
    const listing = [...namedCells(await create(name))].map(([key, { shape, dtype }]) => [
      key,
      shape,
      key.endsWith("num_batches_tracked") ? "int64" : dtype, // int32 in Stria, which has no int64
    ]);
    expect(listing).toEqual(asList(asObject(golden, name)["state"], name));
  });
}
