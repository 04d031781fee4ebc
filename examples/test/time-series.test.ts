// The example of time series, shortened: series that this test makes, and the published ones where they are at hand.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dataFolder } from "../../tests/src/setting.ts";
import { runExample, temporaryFolder } from "./run-example.ts";

/** Series of 150 values that rise once; those of class 1 dip first. */
function series(count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const [begin, dips] = [40 + (index % 20), index % 2 === 0];
    const values = Array.from({ length: 150 }, (_unused, moment) => {
      const time = moment - begin;
      return time >= 10 && time < 60 ? 1.5 : dips && time >= 0 && time < 10 ? -2 : -0.7;
    });
    return `${values.join(",")}:${dips ? 1 : 2}`;
  });
  return `@problemName made\n@timeStamps false\n@univariate true\n@classLabel true 1 2\n@data\n${lines.join("\n")}\n`;
}

it("learns which series dip, and draws moments of eight of each kind in their colours", async () => {
  const data = temporaryFolder();
  const folder = join(data, "timeseries", "GunPoint");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "GunPoint_TRAIN.ts"), series(40));
  writeFileSync(join(folder, "GunPoint_TEST.ts"), series(30));
  const { text, drawn, reached } = await runExample("time-series", { STRIA_DATA: data }, "--epochs", "15");
  expect(text).toContain("40 series for training; of 30 others 100.00 % are right");
  expect(reached()).toEqual(new Map([["accuracy", 1]]));
  const svg = drawn("time-series.svg");
  expect(svg.match(/<polyline /g)).toHaveLength(16 * 149);
  expect(svg.match(/gun drawn: [\d.]+ % sure/g)).toHaveLength(8);
});

it("says what is missing", async () => {
  await expect(runExample("time-series")).rejects.toThrow(/GunPoint_TRAIN\.ts and GunPoint_TEST\.ts not found/);
});

const published = dataFolder();
it.skipIf(published === undefined)(
  `reads the published series${published === undefined ? ": not at hand" : ""}`,
  async () => {
    const { text } = await runExample("time-series", { STRIA_DATA: published ?? "" });
    expect(text).toContain("50 series for training; of 150 others");
  },
);
