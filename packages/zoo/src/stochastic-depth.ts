// The rates of stochastic depth (Huang et al. 2016): the later a block, the more often it is passed by.
import { AttributeError } from "@stria/core";

/** @throws AttributeError for a rate that is no probability. */
export function checkStochasticDepth(model: string, stochasticDepth: number): void {
  if (!(stochasticDepth >= 0 && stochasticDepth <= 1))
    throw new AttributeError(model, `stochasticDepth is ${stochasticDepth}`, "use a probability, from 0 to 1");
}
