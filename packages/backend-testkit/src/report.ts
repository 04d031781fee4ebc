// What came out, as plain data (JSON as it is) and as Markdown.

export interface CheckResult {
  readonly group: string;
  readonly name: string;
  /** What is wrong; empty where the check passed. */
  readonly faults: readonly string[];
}

export interface Report {
  readonly backend: string;
  /** The random cases can be repeated with these. */
  readonly seed: number;
  readonly rounds: number;
  readonly slack: number;
  readonly passed: number;
  readonly failed: number;
  readonly checks: readonly CheckResult[];
}

/** A table of the groups, then every fault. */
export function toMarkdown({ backend, seed, rounds, slack, passed, failed, checks }: Report): string {
  const groups = [...new Set(checks.map(({ group }) => group))].map((group) => {
    const own = checks.filter((check) => check.group === group);
    const good = own.filter(({ faults }) => faults.length === 0).length;
    return `| ${group} | ${good} | ${own.length - good} |`;
  });
  const faults = checks
    .filter((check) => check.faults.length > 0)
    .map(({ group, name, faults: found }) =>
      [`### ${group}: ${name}`, "", ...found.map((words) => `- ${words.replaceAll("\n", "\n  ")}`), ""].join("\n"),
    );
  return [
    `# Conformance of "${backend}"`,
    "",
    `${passed} of ${passed + failed} checks passed; seed ${seed}, ${rounds} random cases for each op, tolerances times ${slack}.`,
    "",
    "| | passed | failed |",
    "|---|---|---|",
    ...groups,
    "",
    ...(faults.length > 0 ? ["## Faults", "", ...faults] : []),
  ].join("\n");
}
