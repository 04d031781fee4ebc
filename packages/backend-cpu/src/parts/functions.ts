// Loaded when a network computes functions that few networks have, or with float16.
export { fromFloat16, toFloat16 } from "../loops/float16.ts";
export { cos, erf, expm1, log1p, pow, sin, tanh } from "../loops/rare-functions.ts";
export { cpu } from "../index.ts";
