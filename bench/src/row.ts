// What a suite is given, and what it reports.

export interface SuiteOptions {
  /** Threads of every contestant that has threads. */
  readonly threads: number;
}

/** One contestant. */
export interface Row {
  readonly name: string;
  /** Milliseconds. */
  readonly median: number;
  readonly fastest: number;
  /** Further figures by name, such as ratios to a peer. */
  readonly figures: Readonly<Record<string, number>>;
}
