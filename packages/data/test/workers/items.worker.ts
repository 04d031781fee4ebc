// A worker of the tests' loaders over items by index.
import { classLabel } from "../../src/dataset.ts";
import { serveBatches } from "../../src/workers/serve-batches.ts";
import { type Item, itemsOf, means, noisy, notPlain, type Scenario } from "./scenario.ts";

serveBatches<Item, Item, unknown>((data) => {
  const { fails, collate, ...scenario } = data as Scenario;
  const dataset = itemsOf(scenario);
  if (fails === "throws") throw new RangeError("no such folder");
  if (fails === "other length") return { dataset: { ...dataset, length: 3 }, transform: noisy };
  if (fails === "no transform") return { dataset };
  if (fails === "other fields")
    return { dataset: { ...dataset, fields: { ...dataset.fields, y: classLabel(4) } }, transform: noisy };
  if (fails === "no dataset") return { dataset: Promise.resolve(dataset) } as never;
  const made = { tensors: means, function: notPlain };
  return { dataset, transform: noisy, ...(collate && { collate: made[collate] }) };
});
