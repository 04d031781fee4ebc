// The gradient of a convolution by its input, phase by phase of the stride.

/** One axis of a phase: the inputs that leave the same rest when divided by the stride see the same elements of the kernel. */
export interface PhaseAxis {
  /** First input, and how many, `stride` apart. */
  readonly start: number;
  readonly count: number;
  /** Elements of the kernel that reach these inputs: first, how many, step; and the place that the first input reads through the first of them. */
  readonly firstTap: number;
  readonly taps: number;
  readonly tapStep: number;
  readonly firstPlace: number;
  /** Places from one such element to the next, going down. */
  readonly placeStep: number;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The phases of an axis of the input. */
export function phasesOf(size: number, kernel: number, stride: number, dilation: number, before: number): PhaseAxis[] {
  const phases: PhaseAxis[] = [];
  const step = stride / greatestCommonDivisor(stride, dilation);
  for (let start = 0; start < Math.min(stride, size); start++) {
    const count = Math.ceil((size - start) / stride);
    let firstTap = 0;
    while (firstTap < Math.min(kernel, step) && (start + before - firstTap * dilation) % stride !== 0) firstTap++;
    const taps = firstTap < Math.min(kernel, step) ? Math.ceil((kernel - firstTap) / step) : 0;
    phases.push({
      start,
      count,
      firstTap,
      taps,
      tapStep: step,
      firstPlace: Math.floor((start + before - firstTap * dilation) / stride),
      placeStep: (step * dilation) / stride,
    });
  }
  return phases;
}

/** All choices of one item from each list. */
export function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, list) => all.flatMap((head) => list.map((item) => [...head, item])), [[]]);
}
