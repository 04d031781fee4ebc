// What was drawn, in few words.

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** A value with three digits behind the point; keys of random streams as a word. */
function brief(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toFixed(3)));
  if (value === null) return "not done";
  if (Array.isArray(value)) return `[${value.map(brief).join(", ")}]`;
  if (!isRecord(value)) return typeof value === "string" ? value : JSON.stringify(value);
  if (Object.keys(value).join() === "low,high") return "…";
  const entries = Object.entries(value);
  return entries.length === 0 ? "done" : entries.map(([name, one]) => `${name} ${brief(one)}`).join(", ");
}

/** A line for each step. */
export function parameterLines(names: readonly string[], parameters: readonly unknown[]): readonly string[] {
  return parameters.map((own, index) => `${names[index] ?? ""}: ${brief(own)}`);
}
