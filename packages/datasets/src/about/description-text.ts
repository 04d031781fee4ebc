// A description as lines of text.
import type { Description, PartDescription, Range } from "./describe.ts";
import type { Sighting } from "./perceptual-hash.ts";

const rounded = (value: number): string => String(Number(value.toPrecision(4)));

function rangeText({ least, mean, most }: Range): string {
  return least === most ? rounded(least) : `${rounded(least)} to ${rounded(most)}, ${rounded(mean)} on average`;
}

const longestList = 20;

/** The first of some lines, and how many more there are. */
function shortened(lines: readonly string[]): string[] {
  const more = lines.length - longestList;
  return more > 0 ? [...lines.slice(0, longestList), `  and ${more} more`] : [...lines];
}

function partLines(name: string, part: PartDescription): string[] {
  const lines = [`${name}: ${part.items} items`];
  const say = (what: string, value: Range | undefined): void => {
    if (value) lines.push(`  ${what}: ${rangeText(value)}`);
  };
  if (part.classes.length > 0) {
    const total = part.classes.reduce((sum, { count }) => sum + count, 0);
    const share = (count: number): string => `${((100 * count) / Math.max(total, 1)).toFixed(1)} %`;
    lines.push(`  ${part.classes.length} classes${part.boxes ? " of boxes" : ""}:`);
    lines.push(...shortened(part.classes.map(({ name: kind, count }) => `    ${kind}: ${count} (${share(count)})`)));
  }
  say("width", part.width);
  say("height", part.height);
  if (part.mean.length > 0)
    lines.push(`  channels: mean ${part.mean.map(rounded).join(" ")}, deviation ${part.std.map(rounded).join(" ")}`);
  say("boxes an image", part.boxes);
  say("side of a box", part.boxSide);
  if (part.maskShares.length > 0)
    lines.push(`  pixels by class: ${part.maskShares.map((share) => `${(100 * share).toFixed(1)} %`).join(", ")}`);
  say("characters a text", part.textLength);
  if (part.broken.length > 0) {
    lines.push(`  ${part.broken.length} cannot be read:`);
    lines.push(...shortened(part.broken.map(({ index, reason }) => `    ${index}: ${reason}`)));
  }
  return lines;
}

function groupLines(what: string, groups: readonly (readonly Sighting[])[]): string[] {
  if (groups.length === 0) return [];
  const texts = groups.map((group) => `  ${group.map(({ part, name }) => `${part}: ${name}`).join(" = ")}`);
  return [`${what}: ${groups.length}`, ...shortened(texts)];
}

/** The report. */
export function descriptionText({ parts, duplicates, leaks }: Omit<Description, "toString">): string {
  return [
    ...Object.entries(parts).flatMap(([name, part]) => partLines(name, part)),
    ...groupLines("images that come more than once", duplicates),
    ...groupLines("images that are in more than one part", leaks),
  ].join("\n");
}
