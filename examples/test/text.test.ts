// The text example, shortened: sentences that this test makes, and the published ones where they are at hand.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dataFolder } from "../../tests/src/setting.ts";
import { runExample, temporaryFolder } from "./run-example.ts";

/** Sixty sentences that differ from those of the other kind in one word. */
function sentences(word: string): string {
  const [whose, what] = [
    ["his", "her", "the", "their"],
    ["plot", "film", "cast", "tale", "end"],
  ];
  const lines = whose.flatMap((a) =>
    what.flatMap((b) => ["he says", "we saw", "I think"].map((c) => `${c} ${a} ${b} is ${word} , and long`)),
  );
  return `${lines.join("\n")}\n`;
}

/** The colour in which a word stands, the first time. */
function colourOf(svg: string, word: string): number[] {
  const [, colour = ""] = new RegExp(`fill="rgb\\(([^)]+)\\)">${word}<`).exec(svg) ?? [];
  return colour.split(" ").map(Number);
}

it("learns the word that decides, and shows it: blue where it blames, red where it praises", async () => {
  const data = temporaryFolder();
  mkdirSync(join(data, "text"));
  writeFileSync(join(data, "text", "rt-polarity.neg"), sentences("dreadful"));
  writeFileSync(join(data, "text", "rt-polarity.pos"), sentences("wonderful"));
  const { text, drawn, reached } = await runExample("text", { STRIA_DATA: data }, "--epochs", "8");
  expect(text).toContain("of 12 held out 100.00 % are right");
  expect(reached()).toEqual(new Map([["accuracy", 1]]));
  const svg = drawn("text.svg");
  const [red = 0, , blue = 0] = colourOf(svg, "wonderful");
  expect(red).toBeGreaterThan(blue + 20);
  const [less = 0, , more = 0] = colourOf(svg, "dreadful");
  expect(more).toBeGreaterThan(less + 20);
  const [r = 0, g = 0, b = 0] = colourOf(svg, "long");
  expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThan(red - blue);
});

it("says what is missing, where it is to be had and where to put it", async () => {
  const run = runExample("text");
  await expect(run).rejects.toThrow(/rt-polarity\.neg and rt-polarity\.pos not found/);
  await expect(run).rejects.toThrow(/Get it from https:\S+\nand put it into \S+no-data\/text\./);
});

const published = dataFolder();
it.skipIf(published === undefined)(
  `reads the published sentences${published === undefined ? ": not at hand" : ""}`,
  async () => {
    const { text } = await runExample("text", { STRIA_DATA: published ?? "" });
    expect(text).toMatch(/270 sentences known, \d{4} words; of 30 held out/);
  },
);
