// convTranspose: conv read backwards. What conv would read from an element, this adds to it.
import { at, sizeOf } from "../tensor/aval.ts";
import { inputShape, numberAttribute, outputShape, rounded } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { windowsOf } from "../reference/windows.ts";

export const convTransposeReference: Reference = (inputs, node) => {
  const [x, w] = [at(inputs, 0), at(inputs, 1)];
  const [xShape, wShape, yShape] = [inputShape(node, 0), inputShape(node, 1), outputShape(node)];
  const [batch, channels, perGroup] = [at(xShape, 0), at(xShape, 1), at(wShape, 1)];
  const groups = numberAttribute(node, "groups");
  const { plane, places, taps, reads } = windowsOf(node, yShape.slice(2), xShape.slice(2), wShape.slice(2));
  const sums = new Float64Array(sizeOf(yShape));
  for (let n = 0; n < batch; n++)
    for (let c = 0; c < channels; c++) {
      const firstOutput = Math.floor(c / (channels / groups)) * perGroup;
      for (let o = 0; o < perGroup; o++) {
        const start = (n * perGroup * groups + firstOutput + o) * plane;
        for (let place = 0; place < places; place++)
          for (let tap = 0; tap < taps; tap++) {
            const target = reads[place * taps + tap] ?? -1;
            if (target < 0) continue;
            const product =
              (x[(n * channels + c) * places + place] ?? Number.NaN) *
              (w[(c * perGroup + o) * taps + tap] ?? Number.NaN);
            sums[start + target] = (sums[start + target] ?? Number.NaN) + product;
          }
      }
    }
  return [rounded(node, sums)];
};
