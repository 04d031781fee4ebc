// What the models of text share: the check of the words that they read.
import { ShapeError, type Tensor, showShape } from "@stria/core";

/** @throws ShapeError unless `words` is [N, time] with at least `minimum` words. */
export function checkWords(model: string, words: Tensor, minimum: number): void {
  if (words.rank !== 2)
    throw new ShapeError(model, `the input is ${showShape(words.shape)}`, "give numbers of words [N, time]");
  const [, time = 0] = words.shape;
  if (time < minimum)
    throw new ShapeError(
      model,
      `texts of ${time} words are too short`,
      `give at least ${minimum}: fill shorter ones up with a word that stands for nothing`,
    );
}
