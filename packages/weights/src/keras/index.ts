// @stria/weights/keras: Keras' files and models.
export { type KerasUnit } from "./model/build.ts";
export { KerasModel, type KerasLayers, type KerasModelOptions, kerasModel } from "./model/keras-model.ts";
export { kerasWeights } from "./model/weights.ts";
export { type KerasFile, type KerasOptions, readKeras } from "./read-keras.ts";
export {
  type Json,
  type JsonObject,
  type KerasCall,
  type KerasLayer,
  type KerasShape,
  type KerasTensor,
  type KerasTopology,
  type KerasVariable,
  type KnownTopology,
  inferTopology,
  parseJson,
  readTopology,
} from "./topology/index.ts";
