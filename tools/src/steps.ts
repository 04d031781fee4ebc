// Runs a list of steps, one line each while they pass, and counts what passed and failed.

export interface Step {
  name: string;
  /** Names of steps without which this one makes no sense: it fails unrun when one of them failed. */
  needs?: readonly string[];
  /** Throws when the step fails. A step that runs tests of its own returns their counts; any other counts as one. */
  run: () => Promise<Counts | void>;
}

export interface Counts {
  passed: number;
  failed: number;
  /** The tests' own report, shown when some of them failed. */
  output?: string;
  /** Said at the end of the step's line. */
  note?: string;
}

/** Runs the steps in order and returns the sums; `write` gets every line. */
export async function runSteps(steps: readonly Step[], write: (text: string) => void): Promise<Counts> {
  const total: Counts = { passed: 0, failed: 0 };
  const failed = new Set<string>();
  for (const step of steps) {
    const missing = step.needs?.filter((name) => failed.has(name)) ?? [];
    const start = performance.now();
    const counts = missing.length > 0 ? unrun(missing) : await attempt(step);
    const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
    total.passed += counts.passed;
    total.failed += counts.failed;
    if (counts.failed > 0) failed.add(step.name);
    const verdict = counts.failed > 0 ? "FAILED" : "ok";
    const tests = counts.passed + counts.failed > 1 ? `  ${counts.passed + counts.failed} tests` : "";
    const note = counts.note === undefined ? "" : `  (${counts.note})`;
    write(`${verdict.padEnd(8)}${step.name.padEnd(18)}${seconds.padStart(7)}${tests}${note}\n`);
    if (counts.failed > 0 && counts.output !== undefined) write(`${counts.output.trimEnd()}\n\n`);
  }
  return total;
}

async function attempt(step: Step): Promise<Counts> {
  try {
    return (await step.run()) ?? { passed: 1, failed: 0 };
  } catch (error) {
    return { passed: 0, failed: 1, output: error instanceof Error ? error.message : String(error) };
  }
}

function unrun(missing: readonly string[]): Counts {
  return { passed: 0, failed: 1, output: `not run, since this failed: ${missing.join(", ")}` };
}
