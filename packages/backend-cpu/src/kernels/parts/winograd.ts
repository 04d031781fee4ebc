// Loaded when a convolution goes through Winograd's algorithm.
export { emitWinograd } from "../channels-last/winograd.ts";
export { emitWinogradWeightGradient } from "../channels-last/winograd-weight-gradient.ts";
export { emitWinogradWeight } from "../channels-last/winograd-weight.ts";
