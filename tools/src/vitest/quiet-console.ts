// Fails a test that writes to console.error or console.warn. A test that expects a warning replaces the method itself:
// `vi.spyOn(console, "warn").mockImplementation(() => {})`.
import { afterEach, beforeEach } from "vitest";

const methods = ["error", "warn"] as const;
const originals = { error: console.error, warn: console.warn };
let heard: string[] = [];

beforeEach(() => {
  heard = [];
  for (const method of methods) {
    console[method] = (...args: unknown[]): void => {
      heard.push(`console.${method}: ${args.map(String).join(" ")}`);
    };
  }
});

afterEach(() => {
  for (const method of methods) console[method] = originals[method];
  if (heard.length > 0) throw new Error(`unexpected output:\n${heard.join("\n")}`);
});
