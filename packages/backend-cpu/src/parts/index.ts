// All code that is loaded on demand, by what it is for: few parts, so that nothing waits for many small files. Each of them
// exports `cpu` as well: so a bundler finds the same code behind all of them, and keeps it in one file instead of one for each set of parts that share it.
import type * as Decompositions from "./decompositions.ts";
import type * as Depthwise from "./depthwise.ts";
import type * as Functions from "./functions.ts";
import type * as Movement from "./movement.ts";
import type * as Normalisation from "./normalisation.ts";
import type * as Packed from "./packed.ts";
import { Part } from "./part.ts";
import type * as Pooling from "./pooling.ts";
import type * as Prediction from "./prediction.ts";
import type * as Winograd from "./winograd.ts";

export const decompositions: Part<typeof Decompositions> = /* @__PURE__ */ new Part(
  () => import("./decompositions.ts"),
);
export const depthwise: Part<typeof Depthwise> = /* @__PURE__ */ new Part(() => import("./depthwise.ts"));
export const functions: Part<typeof Functions> = /* @__PURE__ */ new Part(() => import("./functions.ts"));
export const movement: Part<typeof Movement> = /* @__PURE__ */ new Part(() => import("./movement.ts"));
export const normalisation: Part<typeof Normalisation> = /* @__PURE__ */ new Part(() => import("./normalisation.ts"));
export const packed: Part<typeof Packed> = /* @__PURE__ */ new Part(() => import("./packed.ts"));
export const pooling: Part<typeof Pooling> = /* @__PURE__ */ new Part(() => import("./pooling.ts"));
export const prediction: Part<typeof Prediction> = /* @__PURE__ */ new Part(() => import("./prediction.ts"));
export const winograd: Part<typeof Winograd> = /* @__PURE__ */ new Part(() => import("./winograd.ts"));

/** Loads everything, for who lowers or makes kernels himself. */
export async function loadAllParts(): Promise<void> {
  const all = [decompositions, depthwise, functions, movement, normalisation, packed, pooling, prediction, winograd];
  await Promise.all(all.map((part) => part.load()));
}
