// What a run of vitest comes to, in one line: `N passed, N failed`.
import type { TestModule } from "vitest/node";

export function closingLine(modules: readonly TestModule[], errors: readonly unknown[]): string {
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
  return `${count["passed"]} passed, ${count["failed"]} failed${skipped}`;
}
