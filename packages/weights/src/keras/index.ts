// @stria/weights/keras: Keras' files and models.
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
