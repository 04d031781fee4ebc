// Loaded when a network has convolutions that Winograd's algorithm can compute.
export { addWinogradWeightGradient } from "../program/channels-last/winograd-weight-gradient.ts";
export {
  addWinogradConvolution,
  addWinogradInputGradient,
  cyclesOfWinograd,
  winogradSuits,
  winogradTiles,
} from "../program/channels-last/winograd.ts";
export { f2x3, f4x3 } from "../kernels/channels-last/winograd-matrices.ts";
export { cpu } from "../index.ts";
