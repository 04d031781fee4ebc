// Accuracy.
import { argMax, cast, equal } from "@stria/core";
import { type Metric, meanOf } from "./metric.ts";

/** The share of examples (or places) whose largest output along axis 1 is the one at the label: outputs [N, classes, ...], labels [N, ...]. */
export const accuracy: Metric = /* @__PURE__ */ meanOf((outputs, { y }) =>
  cast(equal(argMax(outputs, 1), cast(y, "int32")), "float32"),
);
