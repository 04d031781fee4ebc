// @stria/weights/tfjs: models of TensorFlow.js.
export { openTfjs, readTfjs, type TfjsFile, type TfjsOptions } from "./read-tfjs.ts";
