// The zoo's models against PyTorch's: keys, shapes and order of the state dict, what is frozen, parameters and multiply-adds.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Parameter, namedCells } from "@stria/core";
import { create, listModels, modelInfo } from "@stria/zoo";
import { expect, test } from "vitest";
import { asList, asObject, parseJson } from "../src/golden/json.ts";
import { largeGoldens } from "../src/setting.ts";

const folder = join(largeGoldens() ?? "", "models");
const absent = largeGoldens() === undefined ? ", left out: there is no ../shared/golden" : "";

for (const name of listModels()) {
  const path = join(folder, `${name}.json`);
  const reason = absent || existsSync(path) ? absent : ", left out: there is no golden of it";
  test.skipIf(reason !== "")(
    `${name} has PyTorch's keys and shapes, in their order, and its sizes${reason}`,
    async () => {
      const golden = parseJson(readFileSync(path, "utf8"), path);
      const cells = namedCells(await create(name));
      const listing = [...cells].map(([key, { shape, dtype }]) => [
        key,
        shape,
        key.endsWith("num_batches_tracked") ? "int64" : dtype, // int32 in Stria, which has no int64
      ]);
      const { state, frozen = [], parameters, macs, macs_input: of } = asObject(golden, name);
      expect(listing).toEqual(asList(state, name));
      const kept = [...cells].flatMap(([key, cell]) => (cell instanceof Parameter && !cell.trainable ? [key] : []));
      expect(kept).toEqual(frozen);
      const info = await modelInfo(name);
      expect(info.parameters).toBe(parameters);
      const sameInput = JSON.stringify(of) === JSON.stringify([1, ...info.inputShape]);
      expect(sameInput ? info.multiplyAdds : macs).toBe(macs);
    },
  );
}
