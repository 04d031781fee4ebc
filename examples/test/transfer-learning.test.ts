// The example of transfer learning, shortened: drawn digits, and random weights in the place of the published ones.
import { expect, it } from "vitest";
import { runExample } from "./run-example.ts";

it("says that the weights are not at hand, keeps the codes, and draws three accuracies and what looks alike", async () => {
  const { text, drawn } = await runExample("transfer-learning");
  expect(text).toContain("The published weights resnet20-12fca82f.th are not at hand");
  expect(text.match(/: [\d.]+ %/g)).toHaveLength(3);
  expect(drawn("transfer-learning.svg").match(/<image /g)).toHaveLength(5 * 11);
  expect(drawn("codes-drawn-random-train-40.safetensors")).toContain('"shape":[40,64]');
});
