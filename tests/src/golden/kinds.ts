// Which kinds of golden files there are answers for, and the cases in each.
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import type { HostTensor } from "@stria/core";
import { decodeSafetensors } from "@stria/core/safetensors";
import { mayUseWinograd, withDirectConvolutions, withExactZeros } from "./backends.ts";
import { runContentsCase, runPublishedResNet } from "./checkpoints.ts";
import { type GoldenFile, idsOf } from "./files.ts";
import { type Json, asList, asNumber, asObject, isList, isObject } from "./json.ts";
import { factsOf, sameFiles } from "./data/facts.ts";
import { imageChecks } from "./data/images.ts";
import { soundTextChecks } from "./data/sound-text.ts";
import { runGoodFile } from "./formats/good-file.ts";
import { hostileFiles } from "./formats/hostile-files.ts";
import { runInitCase } from "./init.ts";
import { runModelCase, runSizeCase } from "./model-case.ts";
import { readCase } from "./ops-case.ts";
import { runOptimizerCase } from "./optimizers.ts";
import { runFieldCase, runGradientCase } from "./receptive-fields.ts";
import { runScheduleCase } from "./schedules.ts";
import { runOpsCase } from "./ops.ts";
import { type Outcome, Unsupported, failed, outcomeOf, passed } from "./outcome.ts";
import { dataFolder } from "../setting.ts";
import { runTraining } from "./training.ts";
import { type KnownGap, gapFor } from "./unsupported-list.ts";
import { runMagnitudes, runPolicy } from "./vision/policy-calls.ts";
import { runVisionCase } from "./vision/run.ts";

/** A case that has not been run. */
export interface PendingCase {
  readonly id: string;
  run(): Promise<Outcome>;
}

export interface RunContext {
  /** Widens tolerances. */
  readonly slack: number;
  readonly gaps: readonly KnownGap[];
}

type Kind = (file: GoldenFile, json: Json, context: RunContext) => PendingCase[];

/** The tensors beside a golden file. */
function tensorsBeside(file: GoldenFile): ReadonlyMap<string, HostTensor> {
  const path = file.path.replace(/\.json$/, ".safetensors");
  return existsSync(path) ? decodeSafetensors(readFileSync(path), file.name).tensors : new Map();
}

function casesOf(json: Json, file: GoldenFile): ReturnType<typeof asObject>[] {
  return asList(asObject(json, file.name)["cases"], `cases of ${file.name}`).map((item) =>
    asObject(item, `a case of ${file.name}`),
  );
}

const smallestNormal = 2 ** -126;

/** Whether a tensor of a case holds a number too small for float32's full precision. */
function hasSubnormals(id: string, tensors: ReadonlyMap<string, HostTensor>): boolean {
  return [...tensors].some(
    ([key, { data }]) =>
      key.startsWith(`${id}/`) && data.some((value: number) => value !== 0 && Math.abs(value) < smallestNormal),
  );
}

const operators: Kind = (file, json, { slack, gaps }) => {
  const tensors = tensorsBeside(file);
  return casesOf(json, file).map((item, index) => ({
    id: idsOf(json, file)[index] ?? "",
    run: () =>
      outcomeOf(async () => {
        const golden = readCase(item);
        const gap = gapFor(gaps, golden.id);
        const outcome = await runOpsCase(golden, tensors, slack);
        if (!gap || outcome.status === "unsupported") return outcome;
        if (outcome.status === "passed") return failed("listed as unsupported but passes");
        const first = gap.part === "grad2" ? await runOpsCase(golden, tensors, slack, "gradients") : outcome;
        const may = {
          grad2: first.status === "passed",
          special: golden.special,
          subnormal: hasSubnormals(golden.id, tensors),
        };
        return may[gap.part]
          ? { status: "unsupported", what: gap.cause }
          : failed(`is no case of "${gap.part}", as which it is listed: ${outcome.reason}`);
      }),
  }));
};

const initialisers: Kind = (file, json) =>
  casesOf(json, file).map((item, index) => ({ id: idsOf(json, file)[index] ?? "", run: () => runInitCase(item) }));

const optimizers: Kind = (file, json, { slack }) => {
  const tensors = tensorsBeside(file);
  const head = asObject(json, file.name);
  return casesOf(json, file).map((item, index) => ({
    id: idsOf(json, file)[index] ?? "",
    run: () => runOptimizerCase(item, head, tensors, slack),
  }));
};

const schedules: Kind = (file, json) => {
  const head = asObject(json, file.name);
  const tolerance = { rtol: asNumber(head["rtol"], "rtol"), atol: asNumber(head["atol"], "atol") };
  return casesOf(json, file).map((item, index) => ({
    id: idsOf(json, file)[index] ?? "",
    run: () => runScheduleCase(item, tolerance),
  }));
};

const training: Kind = (file, json) => {
  const golden = asObject(json, file.name);
  return idsOf(json, file).map((id) => ({ id, run: () => runTraining(golden, dataFolder()) }));
};

/** Receptive fields by model: what the graph tells, and for some what gradients show. */
const receptiveFields: Kind = (file, json) =>
  Object.entries(asObject(json, file.name)).flatMap(([name, entry]) => {
    const golden = asObject(entry, name);
    const fields = { id: `receptive-fields/${name}`, run: () => runFieldCase(name, golden) };
    if (golden["proved_by_gradient"] === undefined) return [fields];
    return [
      fields,
      { id: `receptive-fields/${name}/by-gradient`, run: () => withExactZeros(() => runGradientCase(name, golden)) },
    ];
  });

/** Files beside the models that are about something else. */
const besideModels: Readonly<Record<string, Kind>> = {
  "receptive-fields": receptiveFields,
  "checkpoint-contents": (file, json) =>
    Object.entries(asObject(json, file.name)).map(([name, entry]) => ({
      id: `checkpoint-contents/${name}`,
      run: () => runContentsCase(name, asObject(entry, name), dataFolder()),
    })),
  // Beside the networks the file says what data they are for.
  "resnet-cifar10-published": (file, json) =>
    Object.entries(asObject(json, file.name)).flatMap(([name, entry]) =>
      isObject(entry)
        ? [{ id: `resnet-cifar10-published/${name}`, run: () => runPublishedResNet(name, entry, dataFolder()) }]
        : [],
    ),
};

/**
 * Runs a model; where nothing but gradients misses, as ties may make them, and convolutions went through Winograd's filtering, once more without. Its
 * rounding, ten times a sum's, decides ties that a disturbance of a part in a million does not turn.
 */
async function throughRounding(run: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await run();
  if (outcome.status !== "failed" || outcome.mayBeTies !== true || !mayUseWinograd()) return outcome;
  const direct = await withDirectConvolutions(run);
  if (direct.status !== "passed") return outcome;
  const note = `gradients miss by ties that Winograd's rounding decides; with direct convolutions all agree (${outcome.reason})`;
  return { ...direct, notes: [...(direct.notes ?? []), note] };
}

/** A model, or a list of sizes. */
const models: Kind = (file, json, context) => {
  const { slack } = context;
  const name = basename(file.name, ".json");
  if (Object.hasOwn(besideModels, name)) return besideModels[name]?.(file, json, context) ?? [];
  const ids = idsOf(json, file);
  if (isList(json))
    return json.map((item, index) => ({
      id: `sizes/${ids[index] ?? ""}`,
      run: () => outcomeOf(() => runSizeCase(asObject(item, `an entry of ${file.name}`))),
    }));
  const isModel = isObject(json) && json["state"] !== undefined;
  return ids.map((id) => ({
    id,
    run: () =>
      outcomeOf(() => {
        if (!isModel) throw new Unsupported(`what ${file.name} says of models`);
        return throughRounding(() => runModelCase(asObject(json, file.name), tensorsBeside(file), slack));
      }),
  }));
};

/** Files of other libraries. */
const formats: Kind = (file, json) =>
  asList(asObject(json, file.name)["files"], `files of ${file.name}`).map((item, index) => ({
    id: idsOf(json, file)[index] ?? "",
    run: () => outcomeOf(() => runGoodFile(file, asObject(item, `a file of ${file.name}`))),
  }));

const hostile: Kind = (file, json) =>
  hostileFiles(file, json).map(({ id, run }) => ({ id, run: () => outcomeOf(run) }));

/** Images and what is done with them, and the tables at the head of a file. */
const vision: Kind = (file, json, { slack }) => {
  const tensors = tensorsBeside(file);
  const { tables, policies } = asObject(json, file.name);
  const heads = [
    ...Object.entries(isObject(tables) ? tables : {}).map(([name, entry]) => ({
      id: `tables/${name}`,
      run: () => outcomeOf(() => runMagnitudes(name, asObject(entry, name))),
    })),
    ...Object.entries(isObject(policies) ? policies : {}).map(([name, entry]) => ({
      id: `policies/${name}`,
      run: () => outcomeOf(() => runPolicy(name, entry)),
    })),
  ];
  const cases = casesOf(json, file).map((item, index) => ({
    id: idsOf(json, file)[index] ?? "",
    run: () => outcomeOf(() => runVisionCase(item, tensors, slack)),
  }));
  return [...heads, ...cases];
};

const dataChecks = { ...imageChecks, ...soundTextChecks };

/** What is known of the files of data sets, by set: their hashes, and what a reader must find in them. */
const data: Kind = (file, json) => {
  const tensors = tensorsBeside(file);
  return Object.entries(asObject(json, file.name)).flatMap(([name, entry]) => {
    if (!isObject(entry)) return [];
    const check = Object.hasOwn(dataChecks, name) ? dataChecks[name] : undefined;
    const run = (): Promise<Outcome> =>
      outcomeOf(async () => {
        if (!check) throw new Unsupported(`what is known of the data set ${name}`);
        const facts = factsOf(entry, dataFolder(), tensors);
        await sameFiles(facts);
        await check(facts);
        return passed;
      });
    return [{ id: `data-checks/${name}`, run }];
  });
};

const kinds: Readonly<Record<string, Kind>> = {
  "data-checks": data,
  ops: operators,
  formats,
  hostile,
  init: initialisers,
  models,
  optimizers,
  schedules,
  training,
  vision,
};

/** The cases of a file. Of a kind that is not known, each is unsupported. */
export function pendingCases(file: GoldenFile, json: Json, context: RunContext): PendingCase[] {
  const kind = Object.hasOwn(kinds, file.kind) ? kinds[file.kind] : undefined;
  if (kind) return kind(file, json, context);
  return idsOf(json, file).map((id) => ({
    id,
    run: () => outcomeOf(() => Promise.reject(new Unsupported(`golden files of the kind "${file.kind}"`))),
  }));
}
