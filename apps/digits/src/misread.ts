// Test images that the model gets wrong.
import { at, softmax } from "@stria/core";
import { type ImageDataset, loader } from "@stria/data";
import type { Module } from "@stria/layers";
import { predict } from "@stria/training";

export interface Misread {
  readonly index: number;
  readonly label: number;
  readonly read: number;
  /** What the model gives the digit that it reads, from 0 to 1. */
  readonly confidence: number;
}

/** The first `most` misread images of a dataset. */
export async function misreadBy(model: Module, dataset: ImageDataset, most: number): Promise<Misread[]> {
  const found: Misread[] = [];
  let start = 0;
  for await (const { x } of loader(dataset, { batchSize: 500 })) {
    const logits = await predict(model, x);
    const probabilities = await softmax(logits, 1).data();
    logits.dispose();
    const [count, classes] = [at(x.shape, 0), dataset.numClasses];
    for (let row = 0; row < count && found.length < most; row++) {
      const ofRow = probabilities.subarray(row * classes, (row + 1) * classes);
      const confidence = Math.max(...ofRow);
      const [read, label] = [ofRow.indexOf(confidence), dataset.label(start + row)];
      if (read !== label) found.push({ index: start + row, label, read, confidence });
    }
    if (found.length >= most) break;
    start += count;
  }
  return found;
}
