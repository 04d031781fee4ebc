// Browsers' consoles show objects as they are.
import type { Tensor } from "./tensor.ts";

/** Defines nothing. */
export function defineInConsole(_prototype: Tensor): void {}
