// checkBackend: every check on a backend, without a test framework.
import type { Backend } from "@stria/core";
import { reference } from "@stria/core/reference";
import type { BackendFactory, Check, CheckOptions, Subject } from "./check.ts";
import { allChecks } from "./checks/index.ts";
import type { CheckResult, Report } from "./report.ts";

/** The checks that these options ask for. */
export function checksFor({ deterministic = true, filter = "" }: CheckOptions): readonly Check[] {
  return allChecks.filter(
    ({ group, name }) => (deterministic || group !== "determinism") && `${group}: ${name}`.includes(filter),
  );
}

export function subjectOf(backend: Backend, factory: BackendFactory, options: CheckOptions): Subject {
  const { rounds = 25, seed = 1, slack = 1 } = options;
  return { backend, factory, oracle: reference(), rounds, seed, slack };
}

/** Runs one check; what it throws, and what it leaves in memory, are faults. */
export async function runCheck(check: Check, subject: Subject): Promise<readonly string[]> {
  const before = subject.backend.memory();
  let faults: readonly string[];
  try {
    faults = await check.run(subject);
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  const after = subject.backend.memory();
  if (faults.length > 0 || (after.bytes === before.bytes && after.buffers === before.buffers)) return faults;
  return [
    `leak: ${after.bytes} bytes in ${after.buffers} buffers are live, ${before.bytes} bytes in ${before.buffers} buffers were before`,
  ];
}

/**
 * Holds a backend to the contract: every op against the reference, gradients, training, memory, order, errors. Makes at most two
 * backends at a time, and disposes of them. Never throws for a fault of the backend's checks: the report says them.
 * @example console.log(toMarkdown(await checkBackend(() => myBackend())));
 * @throws what the factory throws.
 */
export async function checkBackend(factory: BackendFactory, options: CheckOptions = {}): Promise<Report> {
  const backend = await factory();
  const subject = subjectOf(backend, factory, options);
  const checks: CheckResult[] = [];
  for (const check of checksFor(options)) {
    const faults = await runCheck(check, subject);
    checks.push({ group: check.group, name: check.name, faults });
  }
  const failed = checks.filter(({ faults }) => faults.length > 0).length;
  const { rounds, seed, slack } = subject;
  const report = { backend: backend.name, seed, rounds, slack, passed: checks.length - failed, failed, checks };
  backend.dispose();
  return report;
}
