// What the zoo knows of published weights is enough to get them into its models.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DownloadError } from "@stria/download";
import { downloadWeights, loadWeights, readWeights } from "@stria/weights";
import { create, modelInfo } from "@stria/zoo";
import { describe, expect, test } from "vitest";
import { dataFolder } from "../src/setting.ts";

const folder = join(dataFolder() ?? "", "weights/resnet-cifar10");

describe("known weights", () => {
  test.skipIf(!existsSync(folder))(
    "of ResNet-20 are found, verified, read and loaded, left out without data",
    async () => {
      const [known] = (await modelInfo("resnet20_cifar")).weights;
      if (known === undefined) throw new Error("the zoo knows no weights of resnet20_cifar");
      const file = await downloadWeights(known, { dataDir: folder, download: false });
      expect(file.where).toBe(join(folder, "resnet20-12fca82f.th"));
      const model = await create("resnet20_cifar");
      const report = await loadWeights(model, await readWeights(file), { rename: known.rename });
      expect(report.left).toEqual([]);
      expect(report.missing.filter((path) => !path.endsWith("num_batches_tracked"))).toEqual([]);
    },
  );

  test("that are not there are an error with the address and the place to put them", async () => {
    const [known] = (await modelInfo("resnet20_cifar")).weights;
    if (known === undefined) throw new Error("the zoo knows no weights of resnet20_cifar");
    const getting = downloadWeights(known, { dataDir: "/nowhere", download: false });
    await expect(getting).rejects.toThrow(DownloadError);
    await expect(getting).rejects.toThrow(
      `or get ${known.url} by other means and put it into /nowhere/weights/resnet20-`,
    );
  });
});
