// Products over the steps so far, as functions of the step.

/**
 * The product of factor(1) to factor(step). Remembers the last one, so that a step costs one factor, and a resumed run counts from the start once.
 */
export function runningProduct(factor: (step: number) => number): (step: number) => number {
  let [reached, product] = [0, 1];
  return (step) => {
    if (step < reached) [reached, product] = [0, 1];
    while (reached < step) product *= factor(++reached);
    return product;
  };
}
