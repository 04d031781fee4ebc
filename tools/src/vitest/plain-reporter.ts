// Adds one plain line that any CI can read: `N passed, N failed`.
import type { Reporter, TestModule } from "vitest/node";

export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count: Record<string, number> = { passed: 0, failed: errors.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        count[state] = (count[state] ?? 0) + 1;
      }
      // A file that does not even load has no tests to fail.
      if (module.state() === "failed" && module.children.size === 0) count["failed"] = (count["failed"] ?? 0) + 1;
    }
    const skipped = count["skipped"] ? `, ${count["skipped"]} skipped` : "";
    process.stdout.write(`\n${count["passed"]} passed, ${count["failed"]} failed${skipped}\n`);
  }
}
