// Loaded when a network has depthwise convolutions.
export { emitDepthwise } from "../channels-last/depthwise.ts";
export { emitDepthwiseGradient } from "../channels-last/depthwise-weight-gradient.ts";
