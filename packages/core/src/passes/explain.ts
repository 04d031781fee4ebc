// What legalisation did, for people.
import type { Rewritten } from "./legalise.ts";

/** One entry for each kind of node that was rewritten: how many there are, what stands in their place, and where they were made. */
export function explain(rewritten: readonly Rewritten[]): string {
  if (rewritten.length === 0) return "every node is taken as it is";
  const entries = new Map<string, { count: number; sites: Set<string> }>();
  for (const { node, site, by } of rewritten) {
    const ops = by.map(({ op, count }) => (count === 1 ? op : `${count} ${op}`));
    const text = `${node}\n  -> ${ops.length === 0 ? "nodes that are there anyway" : ops.join(", ")}`;
    const entry = entries.get(text) ?? { count: 0, sites: new Set() };
    entry.count++;
    if (site !== undefined) entry.sites.add(site);
    entries.set(text, entry);
  }
  return [...entries]
    .map(
      ([text, { count, sites }]) =>
        `${count === 1 ? "" : `${count} times `}${text}${sites.size === 0 ? "" : `\n  at ${[...sites].join(", ")}`}`,
    )
    .join("\n");
}
