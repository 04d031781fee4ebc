// What a backend is known not to do. An entry that is no longer true fails the run, so the list can only shrink.
import { existsSync, readFileSync } from "node:fs";
import { asList, asObject, asText, parseJson, GoldenError } from "./json.ts";

export interface KnownGap {
  /** A case's id; a `*` stands for any text. */
  readonly id: string;
  /**
   * What is missing: only the second gradient; nan, inf and empty tensors, of a case marked `special`; numbers below 2^-126, of a case that
   * has some. There is no word for an ordinary output or first gradient: those must be right.
   */
  readonly part: Part;
  readonly cause: string;
}

const parts = ["grad2", "special", "subnormal"] as const;

type Part = (typeof parts)[number];

const folder = new URL("../../golden-unsupported/", import.meta.url);

/** The committed list of a backend; empty where there is none. */
export function knownGaps(backend: string): KnownGap[] {
  const path = new URL(`${backend}.json`, folder);
  if (!existsSync(path)) return [];
  return asList(parseJson(readFileSync(path, "utf8"), path.pathname), path.pathname).map((item) => {
    const entry = asObject(item, "an entry");
    const id = asText(entry["id"], "id");
    const part = parts.find((known) => known === entry["part"]);
    if (!part) throw new GoldenError(`${backend}.json: ${id} has none of the parts ${parts.join(", ")}`);
    return { id, part, cause: asText(entry["cause"], `cause of ${id}`) };
  });
}

export function matches(gap: KnownGap, id: string): boolean {
  const pattern = gap.id.split("*").map((text) => text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${pattern.join(".*")}$`).test(id);
}

export function gapFor(gaps: readonly KnownGap[], id: string): KnownGap | undefined {
  return gaps.find((gap) => matches(gap, id));
}
