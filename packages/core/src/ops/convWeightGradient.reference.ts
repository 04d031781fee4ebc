// convWeightGradient: dw[o, c, tap] = sum over n and places of x[n, c, read(place, tap)] dy[n, o, place].
import { at } from "../tensor/aval.ts";
import { inputShape, newOutput, numberAttribute, outputShape } from "../reference/node.ts";
import type { Reference } from "../reference/reference.ts";
import { windowsOf } from "../reference/windows.ts";

export const convWeightGradientReference: Reference = (inputs, node) => {
  const [x, dy] = [at(inputs, 0), at(inputs, 1)];
  const [xShape, dyShape, wShape] = [inputShape(node, 0), inputShape(node, 1), outputShape(node)];
  const [batch, channels, outputs, perGroup] = [at(xShape, 0), at(xShape, 1), at(wShape, 0), at(wShape, 1)];
  const outputsPerGroup = outputs / numberAttribute(node, "groups");
  const { plane, places, taps, reads } = windowsOf(node, xShape.slice(2), dyShape.slice(2), wShape.slice(2));
  const dw = newOutput(node);
  let i = 0;
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < perGroup; c++)
      for (let tap = 0; tap < taps; tap++) {
        const channel = Math.floor(o / outputsPerGroup) * perGroup + c;
        let sum = 0;
        for (let n = 0; n < batch; n++)
          for (let place = 0; place < places; place++) {
            const read = reads[place * taps + tap] ?? -1;
            if (read >= 0)
              sum +=
                (x[(n * channels + channel) * plane + read] ?? Number.NaN) *
                (dy[(n * outputs + o) * places + place] ?? Number.NaN);
          }
        dw[i++] = sum;
      }
  return [dw];
};
