// Loaded when a network has depthwise convolutions.
export {
  addDepthwiseConvolution,
  addDepthwiseInputGradient,
  addDepthwiseWeightGradient,
  depthwiseSuits,
} from "../program/channels-last/depthwise.ts";
export { addDepthwisePlanes } from "../program/depthwise-planes.ts";
export { planeWindowsOf } from "../program/plane-windows.ts";
export { cpu } from "../index.ts";
