// The autoencoder's example, shortened.
import { expect, it } from "vitest";
import { runExample } from "./run-example.ts";

it("draws twelve digits twice, and eight walks of twelve", async () => {
  const { text, drawn } = await runExample("autoencoder");
  expect(text).toContain("autoencoder.svg");
  expect(drawn("autoencoder.svg").match(/<image /g)).toHaveLength(12 * (2 + 8));
});
