// Everything that the CPU backend is held to, beside its peers, in parts made of cases: `--only PART,PART`, `--filter NAME`. Results are kept case by case; a
// run that goes on where another ended measures what that had not, so that parts measured one by one give what all at once do.
import type { Outcome, SuiteOptions } from "../row.ts";
import { type Case, reasonOf } from "./case.ts";
import { companyOf, introduce, rest } from "./company.ts";
import { inTemporaryFolder } from "./folder.ts";
import type { PartOptions } from "./options.ts";
import { KeptResults, type Place } from "./kept-results.ts";
import { pythonWithTorch } from "./torch.ts";

interface Part {
  readonly load: () => Promise<{ casesOf(options: PartOptions): Case[] }>;
  /** Whether its contestants meet in rounds, and have means. */
  readonly contests?: boolean;
}

/** In the order of reports. */
const parts: Readonly<Record<string, Part>> = {
  training: { load: () => import("./training.ts"), contests: true },
  inference: { load: () => import("./inference.ts"), contests: true },
  micro: { load: () => import("./micro.ts"), contests: true },
  start: { load: () => import("./start.ts") },
  memory: { load: () => import("./memory.ts") },
  bundle: { load: () => import("./bundle-size.ts") },
  demo: { load: () => import("./demo.ts") },
};

/** @throws RangeError for a part that is not there. */
function wantedParts(only: string | undefined): readonly string[] {
  const names = only === undefined ? Object.keys(parts) : only.split(",");
  for (const name of names)
    if (!Object.hasOwn(parts, name))
      throw new RangeError(`there is no part ${name}: --only ${Object.keys(parts).join(",")}`);
  return names;
}

/** @throws RangeError for a part that is not there. */
export async function measure(options: SuiteOptions): Promise<Outcome> {
  const { filter = "", before = { rows: [], left: [] }, save = async () => {} } = options;
  const wanted = wantedParts(options.only);
  const threads = options.threadCounts ?? [1, 2];
  const python = pythonWithTorch(options.python);
  return inTemporaryFolder(async (folder) => {
    const company = await companyOf(options, threads, python, folder);
    const given: PartOptions = { threads, rounds: options.rounds, python, company };
    const cases: (Place & { readonly measure: Case["measure"] })[] = [];
    for (const [part, { load }] of Object.entries(parts))
      for (const { name, measure: run } of (await load()).casesOf(given))
        cases.push({ part, case: name, measure: run });
    const results = new KeptResults(
      before,
      cases,
      Object.keys(parts).filter((part) => parts[part]?.contests),
    );
    const missing = cases.filter((one) => wanted.includes(one.part) && one.case.includes(filter) && !results.has(one));
    if (missing.some(({ part }) => parts[part]?.contests)) await introduce(company);
    for (const [index, { part, case: name, measure: run }] of missing.entries()) {
      const start = performance.now();
      try {
        const { rows, fallen } = await run();
        results.put({ part, case: name }, rows, fallen);
        for (const { contestant, reason } of fallen) console.log(`${part}, ${name}: without ${contestant}: ${reason}`);
      } catch (error) {
        results.put({ part, case: name }, [], [{ contestant: "stria", reason: reasonOf(error) }]);
        console.log(`${part}, ${name}: nothing was measured: ${reasonOf(error)}`);
        await rest(company, false);
      }
      const seconds = Math.round((performance.now() - start) / 1000);
      console.log(`${index + 1} of ${missing.length}: ${part}, ${name}: ${seconds} s`);
      await save(results.outcome());
      if (missing[index + 1]?.part !== part) await rest(company, true);
    }
    return results.outcome();
  });
}
