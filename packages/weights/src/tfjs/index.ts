// @stria/weights/tfjs: models of TensorFlow.js. What layers models are run by is Keras'; it needs no library for that.
export type { KerasUnit } from "../keras/model/build.ts";
export { KerasModel, type KerasLayers, type KerasModelOptions, kerasModel } from "../keras/model/keras-model.ts";
export { kerasWeights } from "../keras/model/weights.ts";
export { openTfjs, readTfjs, type TfjsFile, type TfjsOptions } from "./read-tfjs.ts";
