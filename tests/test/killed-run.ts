// A run of fit that may be killed at any moment: `node killed-run.ts FOLDER THREADS`. Goes on from the checkpoint in FOLDER where there is one, writes a line
// for each step, and at the end the hash of all that a run leaves behind.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cpu } from "@stria/backend-cpu";
import { setSeed, useBackend } from "@stria/core";
import { digits, loader } from "@stria/data";
import { batchNorm2d, conv2d, crossEntropy, dense, dropout, flatten, maxPool2d, sequential } from "@stria/layers";
import { adamW, chain, clipByGlobalNorm, ema, reduceOnPlateau, withAverage } from "@stria/optimizers";
import { accuracy, checkpoints, csvLog, earlyStopping, fit, observe, saveModel } from "@stria/training";

const [folder = "", threads = "1"] = process.argv.slice(2);
const checkpoint = join(folder, "run.safetensors");

setSeed(5);
await useBackend(cpu({ threads: Number(threads), deterministic: true }));
const { train, test } = digits({ train: 200, test: 60 });
const model = sequential(
  [conv2d(4, 3, { activation: "relu", stride: 2 }), batchNorm2d(), maxPool2d(2), flatten(), dropout(0.2), dense(10)],
  { inputShape: [1, 28, 28] },
);
const learningRate = reduceOnPlateau(0.01, { patience: 1, factor: 0.5, threshold: 0.4 });
const stopping = earlyStopping({ patience: 2, minDelta: 0.3, restoreBest: true });
const history = await fit(model, loader(train, { batchSize: 16, shuffle: true }), {
  loss: crossEntropy,
  optimizer: withAverage(chain(clipByGlobalNorm(1), adamW({ learningRate, weightDecay: 0.1 })), ema(0.9)),
  epochs: 8,
  accumulate: 3,
  metrics: { accuracy },
  validation: loader(test, { batchSize: 25, last: "pad" }),
  callbacks: [
    checkpoints(checkpoint, { everySteps: 1 }),
    csvLog(join(folder, "log.csv")),
    observe(learningRate),
    stopping,
    { onStep: (_run, { step }) => void process.stdout.write(`step ${step}\n`) },
  ],
  ...(existsSync(checkpoint) && { resume: checkpoint }),
});
const rest = JSON.stringify([history.steps, learningRate.save(), stopping.best, stopping.bestEpoch]);
const hash = createHash("sha256")
  .update(await saveModel(model))
  .update(rest)
  .digest("hex");
process.stdout.write(`ended ${hash}\n`);
process.exit();
