// The speech example, shortened: tones for digits, which this test makes, and the published recordings where they are at hand.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dataFolder } from "../../tests/src/setting.ts";
import { runExample, temporaryFolder } from "./run-example.ts";

/** A WAV file of a quarter of a second, mono, 8,000 samples a second, 16 bits. */
function tone(hertz: number): Uint8Array {
  const samples = Int16Array.from({ length: 2000 }, (_, n) => 9000 * Math.sin((2 * Math.PI * hertz * n) / 8000));
  const bytes = Buffer.alloc(44);
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(36 + samples.byteLength, 4);
  bytes.write("WAVEfmt ", 8);
  for (const [place, value] of [16, 0x1_0001, 8000, 16_000, 0x10_0002].entries())
    bytes.writeUInt32LE(value, 16 + 4 * place);
  bytes.write("data", 36);
  bytes.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([bytes, Buffer.from(samples.buffer)]);
}

it("learns tones with and without noise, and draws ten of them with their votes and two tables", async () => {
  const data = temporaryFolder();
  const folder = join(data, "fsdd", "recordings");
  mkdirSync(folder, { recursive: true });
  for (let digit = 0; digit < 10; digit++)
    for (let take = 3; take < 8; take++)
      writeFileSync(join(folder, `${digit}_whistler_${take}.wav`), tone(300 + 330 * digit + 5 * take));
  const { text, drawn, reached } = await runExample("speech", { STRIA_DATA: data }, "--epochs", "20");
  expect(text).toContain("30 recordings for training; of 20 others are right");
  expect([...reached().keys()]).toEqual([
    "as recorded",
    "as recorded, in noise",
    "with shifts and noise",
    "with shifts and noise, in noise",
  ]);
  expect(reached().get("as recorded")).toBeGreaterThan(0.8);
  expect(reached().get("with shifts and noise, in noise")).toBeGreaterThan(0.8);
  expect(drawn("speech.svg").match(/<image /g)).toHaveLength(10 + 10 + 2);
});

it("says what is missing", async () => {
  await expect(runExample("speech")).rejects.toThrow(/The Free Spoken Digit Dataset: recordings not found/);
});

const published = dataFolder();
it.skipIf(published === undefined)(
  `reads the published recordings${published === undefined ? ": not at hand" : ""}`,
  async () => {
    const { text } = await runExample("speech", { STRIA_DATA: published ?? "" });
    expect(text).toContain("300 recordings for training; of 300 others are right");
  },
);
