// A process that writes a network for the other contestants and says how many operations it takes: `hand-over.ts train|predict NET PATH`. A training step
// becomes PATH.safetensors, for PyTorch; a prediction that too, and PATH.json and PATH.bin for the WebAssembly peers. The memory that this takes ends with it.
import { predictionNamed } from "../predictions-by-name.ts";
import { writePrediction } from "../stria-prediction.ts";
import { writeStart } from "../stria-step.ts";
import { trainingNetNamed } from "../training-nets.ts";

const [what, name = "", path = ""] = process.argv.slice(2);
const operations =
  what === "train"
    ? await writeStart(trainingNetNamed(name), `${path}.safetensors`)
    : await writePrediction(predictionNamed(name), path);
console.log(JSON.stringify({ operations }));
process.exit(0);
