// A published checkpoint, read, loaded and run: the ResNet-20 of CIFAR-10 gives the logits that PyTorch gives.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cifar10Images, loader } from "@stria/data";
import { loadStateDict } from "@stria/layers";
import { predict } from "@stria/training";
import { readPyTorch, weightsOf } from "@stria/weights";
import { resnet20 } from "@stria/zoo";
import { expect, test } from "vitest";
import { asList, asNumber, asNumbers, asObject, parseJson } from "../src/golden/json.ts";
import { dataFolder, largeGoldens } from "../src/setting.ts";
import { onBackend } from "./on-backend.ts";

const golden = join(largeGoldens() ?? "", "models/resnet-cifar10-published.json");
const weights = join(dataFolder() ?? "", "weights/resnet-cifar10/resnet20-12fca82f.th");
const images = join(dataFolder() ?? "", "cifar10/test_batch_first1000.bin");
const absent = ![golden, weights, images].every((path) => existsSync(path));
const imageBytes = 3073;

await onBackend("cpu", () => {
  test.skipIf(absent)("the published ResNet-20 on 16 images, left out where ../shared is missing", async () => {
    const published = asObject(
      asObject(parseJson(readFileSync(golden, "utf8"), golden), golden)["resnet20-12fca82f"],
      golden,
    );
    const file = readPyTorch(new Uint8Array(readFileSync(weights)), weights);
    expect(file.value instanceof Map && file.value.get("best_prec1")).toBe(asNumber(published["best_prec1"], golden));
    const model = resnet20();
    const { missing, unexpected } = loadStateDict(model, weightsOf(file, { stripPrefix: "module." }), {
      strict: false,
    });
    expect(unexpected).toEqual([]);
    expect(missing.filter((path) => !path.endsWith("num_batches_tracked"))).toEqual([]); // it is older than that counter
    const dataset = cifar10Images([new Uint8Array(readFileSync(images)).subarray(0, 16 * imageBytes)]);
    const logits: number[] = [];
    for (const { x } of loader(dataset, { batchSize: 16 })) logits.push(...(await (await predict(model, x)).data()));
    const expected = asList(published["logits_of_the_first_16"], golden).flatMap((row) => asNumbers(row, golden));
    const largest = Math.max(...expected.map(Math.abs));
    const worst = Math.max(...expected.map((value, index) => Math.abs(value - (logits[index] ?? Number.NaN))));
    expect(logits.length).toBe(expected.length);
    expect(worst / largest).toBeLessThan(asNumber(published["tolerance"], golden));
  });
});
