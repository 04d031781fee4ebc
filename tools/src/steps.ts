// Runs a list of steps, two at a time, one line each while they pass, and counts what passed and failed.

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

/** While one step waits for a browser or a program, another has the processors. */
const atOnce = 2;

/**
 * Runs the steps and returns the sums; `write` gets a line for each that ends. Two run at once: the next to begin is the first of the list
 * of which all that it needs has ended.
 */
export async function runSteps(steps: readonly Step[], write: (text: string) => void): Promise<Counts> {
  const total: Counts = { passed: 0, failed: 0 };
  const failed = new Set<string>();
  const unfinished = new Set(steps.map(({ name }) => name));
  const perform = async (step: Step): Promise<void> => {
    const missing = step.needs?.filter((name) => failed.has(name)) ?? [];
    const start = performance.now();
    const counts = missing.length > 0 ? unrun(missing) : await attempt(step);
    total.passed += counts.passed;
    total.failed += counts.failed;
    if (counts.failed > 0) failed.add(step.name);
    unfinished.delete(step.name);
    write(lineOf(step, counts, (performance.now() - start) / 1000));
  };
  const waiting = [...steps];
  const running = new Set<Promise<void>>();
  while (waiting.length + running.size > 0) {
    const ready = ({ needs = [] }: Step): boolean => !needs.some((name) => unfinished.has(name));
    const next = running.size < atOnce ? waiting.findIndex(ready) : -1;
    const [step] = next < 0 ? [] : waiting.splice(next, 1);
    if (step === undefined) {
      if (running.size === 0) throw new Error(`steps need one another: ${waiting.map(({ name }) => name).join(", ")}`);
      await Promise.race(running);
    } else {
      const run: Promise<void> = perform(step).then(() => void running.delete(run));
      running.add(run);
    }
  }
  return total;
}

/** What is said of a step that has ended, with its own report when it failed. */
function lineOf({ name }: Step, { passed, failed, note, output }: Counts, seconds: number): string {
  const verdict = failed > 0 ? "FAILED" : "ok";
  const tests = passed + failed > 1 ? `  ${passed + failed} tests` : "";
  const said = note === undefined ? "" : `  (${note})`;
  const report = failed > 0 && output !== undefined ? `${output.trimEnd()}\n\n` : "";
  return `${verdict.padEnd(8)}${name.padEnd(18)}${`${seconds.toFixed(1)} s`.padStart(7)}${tests}${said}\n${report}`;
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
