// Adds one plain line that any CI can read: `N passed, N failed`.
import type { Reporter, TestModule } from "vitest/node";
import { closingLine } from "./closing-line.ts";

export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    process.stdout.write(`\n${closingLine(modules, errors)}\n`);
  }
}
