// Trains LeNet-5 on handwritten digits and prints how well it reads new ones.
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StriaError, setSeed, useBackend } from "@stria/core";
import { loader } from "@stria/data";
import {
  type ConfusionMatrix,
  accuracy,
  confusionMatrix,
  evaluate,
  loadModelFile,
  saveModelFile,
} from "@stria/training";
import { lenet5 } from "@stria/zoo";
import { openBackend } from "./backend.ts";
import { drawConfusion } from "./confusion.ts";
import { type Digits, openDigits } from "./data.ts";
import { drawDigit, sideBySide } from "./drawing.ts";
import { interruptible } from "./interruption.ts";
import { misreadBy } from "./misread.ts";
import { type Options, UsageError, commandToResume, help, readOptions } from "./options.ts";
import { train } from "./train.ts";

/** Exit status of a program that Ctrl-C ended. */
const interrupted = 130;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** How well a model reads the test images. */
async function read(
  model: ReturnType<typeof lenet5>,
  { test }: Digits,
): Promise<{ accuracy: number; matrix: ConfusionMatrix }> {
  return evaluate(model, loader(test, { batchSize: 500 }), { accuracy, matrix: confusionMatrix() });
}

/** Writes the model to a file, makes it anew from that, and checks that it reads as well. */
async function saveAndReload(
  model: ReturnType<typeof lenet5>,
  digits: Digits,
  reached: number,
  save: string | undefined,
): Promise<void> {
  const file = save ?? join(tmpdir(), `stria-digits-${process.pid}.safetensors`);
  await saveModelFile(file, model);
  const reloaded = lenet5();
  await loadModelFile(file, reloaded);
  const again = await read(reloaded, digits);
  if (again.accuracy !== reached)
    throw new StriaError(
      file,
      `the reloaded model reads ${percent(again.accuracy)}, not ${percent(reached)}`,
      "report this as a bug of Stria",
    );
  say(`\nSaved to ${save === undefined ? "a temporary file" : file}; the reloaded model reads as well.`);
  if (save === undefined) await rm(file);
}

async function showMisread(model: ReturnType<typeof lenet5>, { test }: Digits): Promise<void> {
  const misread = await misreadBy(model, test, 3);
  if (misread.length === 0) return;
  say("\nMisread:\n");
  const pictures = misread.map(({ index, label, read: found, confidence }) => ({
    lines: drawDigit(test.pixels(index)),
    caption: `a ${label}, read as ${found} (${Math.round(100 * confidence)} %)`,
  }));
  for (const line of sideBySide(pictures)) say(line);
}

async function main(options: Options): Promise<void> {
  const { epochs, seed, save, resume } = options;
  setSeed(seed);
  const digits = await openDigits(options, say);
  const backend = await useBackend(openBackend(options));
  const title = `LeNet-5 on ${digits.name}, ${digits.train.length} images, backend ${backend.name}`;
  const model = lenet5();
  const run = resume ?? join(tmpdir(), `stria-digits-run-${process.pid}.safetensors`);
  const { stopped, seconds } = await interruptible((signal) => {
    say(title);
    return train(model, digits, options, { file: run, signal });
  });
  if (stopped) {
    say(`The run is kept. To go on:\n${commandToResume(options, run)}`);
    backend.dispose();
    process.exitCode = interrupted;
    return;
  }
  if (resume === undefined) await rm(run, { force: true });

  const { accuracy: reached, matrix } = await read(model, digits);
  say("");
  for (const line of drawConfusion(matrix)) say(line);
  await showMisread(model, digits);
  await saveAndReload(model, digits, reached, save);
  say(`test accuracy ${percent(reached)} in ${epochs} ${epochs === 1 ? "epoch" : "epochs"}, ${Math.round(seconds)} s`);
  backend.dispose();
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options);
  else say(help.trimEnd());
} catch (error) {
  if (!(error instanceof UsageError || error instanceof StriaError)) throw error;
  process.stderr.write(`${error.message}\n${error instanceof UsageError ? `\n${help}` : ""}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
