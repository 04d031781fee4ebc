// Loaded when a program has what training has not: pooling without winners, products of few rows, batch norm folded into weights, softmax.
export { emitMaxPoolRows } from "../kernels/channels-last/max-pool-rows.ts";
export { emitFewRows } from "../kernels/few-rows.ts";
export { addFewRows } from "../program/few-rows.ts";
export { foldedFlatten } from "../program/folded-flatten.ts";
export { foldedOperands } from "../program/lowerings/folded-operands.ts";
export { softmax } from "../program/lowerings/softmax.ts";
export { preparationOf } from "../program/preparation.ts";
export { Prepared } from "../program/prepared.ts";
export { cpu } from "../index.ts";
