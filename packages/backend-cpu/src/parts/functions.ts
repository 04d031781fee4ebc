// Loaded when a network computes functions that few networks have, or with float16.
export { fromFloat16, toFloat16 } from "../loops/float16.ts";
export { constantPower } from "../loops/powers.ts";
export { cos, erf, exp, expm1, log1p, pow, sigmoid, sign, sin, tanh } from "../loops/rare-functions.ts";
export { cpu } from "../index.ts";
