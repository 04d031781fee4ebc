// The passes that can be left out singly, and the file that each is in: results are right without any of them, and a test holds each to that.

/** Each pass, with what it does. */
export const passes = {
  /** part-statistics.ts: batch norm over concatenated channels shares the statistics of the parts. */
  partStatistics: "part-statistics.ts",
  /** moments.ts: mean and variance in one pass. */
  moments: "moments.ts",
  /** masked-pooling.ts: a rectifier's gradient is taken before max pooling spreads it. */
  maskedPooling: "masked-pooling.ts",
  /** folded-flatten.ts: the weight behind flattened images is turned, once, and not the images. */
  foldedFlatten: "folded-flatten.ts",
  /** placement.ts: what is concatenated is written in its place. */
  placement: "placement.ts",
  /** epilogue.ts: convolutions and products take what follows into their stores. */
  epilogue: "epilogue.ts",
  /** pair-cross-entropy.ts: a loss and its gradient are one kernel. */
  crossEntropyPairs: "pair-cross-entropy.ts",
  /** recompute.ts: what is cheap is computed wherever it is read. */
  recompute: "recompute.ts",
  /** groups.ts: elementwise nodes join. */
  joinMaps: "groups.ts",
  /** merge-maps.ts: elementwise units join of which one reads the other. */
  mergeMaps: "merge-maps.ts",
  /** reductions.ts: reductions take in what feeds them. */
  reductions: "reductions.ts",
  /** join-reductions.ts: reductions over the same arrays become one. */
  joinReductions: "join-reductions.ts",
  /** gather.ts: sums over what a convolution writes are gathered block by block, right behind it. */
  gather: "gather.ts",
  /** merge-steps.ts: small steps of a kind become one. */
  mergeSteps: "merge-steps.ts",
  /** stages.ts: steps that need nothing of each other run at the same time. */
  stages: "stages.ts",
  /** encode.ts and reuse.ts: a result takes the memory of what it is made of. */
  inPlace: "reuse.ts",
  /** preparation.ts: what is made of parameters alone stays for the next run. */
  preparation: "preparation.ts",
} as const;

export type CompilerPass = keyof typeof passes;

/** The passes that are left out. */
export type Without = ReadonlySet<CompilerPass>;

export const nothing: Without = new Set();

/** Their names. */
export function passNames(): CompilerPass[] {
  return Object.keys(passes).filter(isPass);
}

function isPass(name: string): name is CompilerPass {
  return name in passes;
}
