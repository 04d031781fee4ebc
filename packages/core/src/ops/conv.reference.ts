// conv, by its definition: y[n, o, place] = sum over c and taps of x[n, c, read(place, tap)] w[o, c, tap].
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, numberAttribute, outputShape } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { windowsOf } from "../reference/windows.ts";

export const convReference: Reference = (inputs, node) => {
  const [x, w] = [at(inputs, 0), at(inputs, 1)];
  const [xShape, wShape, yShape] = [inputShape(node, 0), inputShape(node, 1), outputShape(node)];
  const [batch, channels, outputs, perGroup] = [at(xShape, 0), at(xShape, 1), at(wShape, 0), at(wShape, 1)];
  const outputsPerGroup = outputs / numberAttribute(node, "groups");
  const { plane, places, taps, reads } = windowsOf(node, xShape.slice(2), yShape.slice(2), wShape.slice(2));
  const y = newOutput(node);
  let i = 0;
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outputs; o++) {
      const firstChannel = Math.floor(o / outputsPerGroup) * perGroup;
      for (let place = 0; place < places; place++) {
        let sum = 0;
        for (let c = 0; c < perGroup; c++)
          for (let tap = 0; tap < taps; tap++) {
            const read = reads[place * taps + tap] ?? -1;
            if (read >= 0)
              sum +=
                (x[(n * channels + firstChannel + c) * plane + read] ?? Number.NaN) *
                (w[(o * perGroup + c) * taps + tap] ?? Number.NaN);
          }
        y[i++] = sum;
      }
    }
  return [y];
};
