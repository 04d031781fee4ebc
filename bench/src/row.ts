// What a suite is given, and what it reports.

export interface SuiteOptions {
  /** Threads of every contestant that has threads. */
  readonly threads: number;
  /** Passes over the data of the suites that train; without it, what each was tuned for. */
  readonly epochs?: number;
  /** Numbers of threads, where several were asked for or a suite may choose. */
  readonly threadCounts?: readonly number[];
  /** Parts of a suite, separated by commas; without it all. */
  readonly only?: string;
  /** What has to be in the name of a case. */
  readonly filter?: string;
  /** Rounds at most. */
  readonly rounds?: number;
  /** The command that starts a Python with PyTorch. */
  readonly python?: string;
  /** Paths of other Nodes, separated by commas. */
  readonly node?: string;
  /** The folder of an installed onnxruntime-node. */
  readonly onnxruntimeNode?: string;
  /** Where a suite that trains one model keeps its run, and goes on from. */
  readonly checkpoint?: string;
  /** What an earlier run measured: a suite of cases leaves those out. */
  readonly before?: Outcome;
  /** Keeps what a suite of cases has measured so far. */
  readonly save?: (outcome: Outcome) => Promise<void>;
}

/** One contestant. */
export interface Row {
  readonly name: string;
  /** The part of the suite that it belongs to, where there are several: parts have cases of the same name. */
  readonly part?: string;
  /** The case of the part that it was measured in; what is made of several has none. */
  readonly case?: string;
  /** Milliseconds, of what is timed again and again. */
  readonly median?: number;
  readonly fastest?: number;
  /** Further figures by name, such as ratios to a peer. */
  readonly figures: Readonly<Record<string, number>>;
}

/** A contestant that died or answered wrongly, and whose figures are missing therefore. */
export interface LeftOut {
  readonly part: string;
  readonly case: string;
  readonly contestant: string;
  readonly reason: string;
}

/** What a suite measured, and who fell out. */
export interface Outcome {
  readonly rows: readonly Row[];
  readonly left: readonly LeftOut[];
}
