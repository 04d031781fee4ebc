// A convolutional autoencoder squeezes digits into sixteen numbers and draws them again from these; then it walks from digit to digit.
import { cpu } from "@stria/backend-cpu";
import { type Tensor, add, setSeed, sigmoid, slice, tensor, useBackend } from "@stria/core";
import { loader, map } from "@stria/data";
import {
  Module,
  type Sequential,
  binaryCrossEntropyWithLogits,
  conv2d,
  convTranspose2d,
  dense,
  flatten,
  sequential,
  unflatten,
} from "@stria/layers";
import { adam, cosine } from "@stria/optimizers";
import { fit, predict, progressBar } from "@stria/training";
import { openDigits } from "../src/digits.ts";
import { say, setting } from "../src/setting.ts";
import { Sheet } from "../src/sheet.ts";

const latent = 16;
const side = 28;

class Autoencoder extends Module {
  readonly encoder: Sequential = sequential(
    [
      conv2d(16, 3, { stride: 2, padding: 1, activation: "relu" }), // 14 x 14
      conv2d(32, 3, { stride: 2, padding: 1, activation: "relu" }), // 7 x 7
      flatten(),
      dense(latent),
    ],
    { inputShape: [1, side, side] },
  );
  readonly decoder: Sequential = sequential(
    [
      dense(32 * 7 * 7, { activation: "relu" }),
      unflatten([32, 7, 7]),
      convTranspose2d(16, 4, { stride: 2, padding: 1, activation: "relu" }), // 14 x 14
      convTranspose2d(1, 4, { stride: 2, padding: 1 }), // 28 x 28
    ],
    { inputShape: [latent] },
  );

  /** Images [N, 1, 28, 28] to logits of their pixels. */
  override forward(x: Tensor): Tensor {
    return this.decoder.forward(this.encoder.forward(x));
  }
}

const { quick, epochs, seed, threads, file } = setting({ epochs: 5 });
setSeed(seed);
await useBackend(cpu({ threads }));
const { train, test } = await openDigits(quick);

// The target is the image itself.
const pairs = map(train, ({ x }) => ({ x, y: x }), { y: { shape: [1, side, side], dtype: "float32" } });
const batches = loader(pairs, { batchSize: 64, shuffle: true });
const model = new Autoencoder();
const steps = epochs * batches.length;
await fit(model, batches, {
  loss: binaryCrossEntropyWithLogits,
  optimizer: adam({ learningRate: cosine(2e-3, { steps }) }),
  epochs,
  callbacks: [progressBar()],
});

/** The pictures that the decoder draws of codes [N, 16], one after the other. */
async function drawn(codes: Tensor): Promise<Float32Array[]> {
  const pixels = Float32Array.from(await sigmoid(await predict(model.decoder, codes)).data());
  return Array.from({ length: pixels.length / side ** 2 }, (_, index) =>
    pixels.subarray(index * side ** 2, (index + 1) * side ** 2),
  );
}

/** Test images `from` to `from + count`, and their codes. */
async function coded(from: number, count: number): Promise<{ images: Float32Array[]; codes: Tensor }> {
  const images = Array.from({ length: count }, (_, index) => Float32Array.from(test.get(from + index).x));
  const x = tensor(Float32Array.from(images.flatMap((image) => [...image])), { shape: [count, 1, side, side] });
  return { images, codes: await predict(model.encoder, x) };
}

const columns = 12;
const rows = 8;
const cell = 56;
const sheet = new Sheet(columns * cell + 40, (rows + 2) * cell + 130);
const place = (column: number, row: number, top: number) => ({
  x: 20 + column * cell,
  y: top + row * cell,
  width: cell,
  height: cell,
});

const { images, codes } = await coded(0, columns);
sheet.words(`Test digits, and what ${latent} numbers remember of each`, 20, 28, { size: 16 });
for (const [column, pixels] of images.entries())
  sheet.picture({ pixels, shape: [1, side, side] }, place(column, 0, 40));
for (const [column, pixels] of (await drawn(codes)).entries())
  sheet.picture({ pixels, shape: [1, side, side] }, place(column, 1, 40));

sheet.words("Straight ways from the code of one test digit to that of another", 20, 2 * cell + 78, { size: 16 });
const ends = (await coded(columns, 2 * rows)).codes;
for (let row = 0; row < rows; row++) {
  const shares = tensor(Array.from({ length: columns }, (_, column) => [column / (columns - 1)]));
  const [start, end] = [slice(ends, [2 * row, 0], [1, latent]), slice(ends, [2 * row + 1, 0], [1, latent])];
  for (const [column, pixels] of (await drawn(add(start, shares.mul(end.sub(start))))).entries())
    sheet.picture({ pixels, shape: [1, side, side] }, place(column, row, 2 * cell + 92));
}
sheet.write(file("autoencoder.svg"));
say(`Drawn: ${file("autoencoder.svg")}`);
