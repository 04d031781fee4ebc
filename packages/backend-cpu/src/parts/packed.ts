// Loaded when a convolution packs its patches for a matrix product: where images are planes, and for gradients of few pixels.
export {
  addPackedConvolution,
  addPackedInputGradient,
  addPackedWeightGradient,
} from "../program/channels-last/packed.ts";
export { addConvolution, addInputGradient, addWeightGradient } from "../program/convolution.ts";
export { padder } from "../program/pad-images.ts";
export { cpu } from "../index.ts";
