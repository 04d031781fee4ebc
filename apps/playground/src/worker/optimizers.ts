// The optimizers that can be chosen.
import { type Optimizer, adam, adamW, rmsprop, sgd } from "@stria/optimizers";
import type { OptimizerName } from "../messages.ts";

export const optimizers: Readonly<Record<OptimizerName, (learningRate: number) => Optimizer>> = {
  adam: (learningRate) => adam({ learningRate }),
  adamW: (learningRate) => adamW({ learningRate }),
  sgd: (learningRate) => sgd({ learningRate, momentum: 0.9 }),
  rmsprop: (learningRate) => rmsprop({ learningRate }),
};
