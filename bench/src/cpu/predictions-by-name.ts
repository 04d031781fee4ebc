// Networks and single layers alike, by the names of their cases.
import { inferenceNets, predictionOf } from "./inference-nets.ts";
import { singleLayers } from "./single-layers.ts";
import type { Prediction } from "./stria-prediction.ts";

const predictions: readonly Prediction[] = [...inferenceNets.map(predictionOf), ...singleLayers];

/** @throws RangeError for a name that none has. */
export function predictionNamed(name: string): Prediction {
  const prediction = predictions.find((one) => one.name === name);
  if (!prediction) throw new RangeError(`no net ${name}`);
  return prediction;
}
