// Which layer was meant by a name that is none: written otherwise, called otherwise elsewhere, or mistyped.
import { type LayerName, layerSpecs, otherNames } from "./layers.ts";

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, letter] of a.split("").entries()) {
    const next = [index + 1];
    for (let place = 1; place <= b.length; place++)
      next.push(
        Math.min(
          (row[place] ?? 0) + 1,
          (next[place - 1] ?? 0) + 1,
          (row[place - 1] ?? 0) + (letter === b[place - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The layer whose name is most like `name`; undefined where none is. */
export function closestLayer(name: string): LayerName | undefined {
  const plain = name.toLowerCase().replaceAll("_", "").slice(0, 40);
  const names = Object.keys(layerSpecs) as LayerName[];
  const same = names.find((candidate) => candidate.toLowerCase() === plain);
  if (same !== undefined) return same;
  if (Object.hasOwn(otherNames, plain)) return otherNames[plain];
  const [closest] = names
    .map((candidate) => ({ candidate, far: distance(plain, candidate.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far);
  return closest !== undefined && closest.far <= 2 ? closest.candidate : undefined;
}
