// Writes docs/models.md: what the zoo's registry knows of its models, and how their goldens came out, which docs/models.json remembers.
// `node tools/setup.mjs tests/src/golden/model-table.ts [RESULT.json ...]` first takes results of `npm run golden -- DIR --backend NAME --json RESULT.json` in.
import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type ModelInfo, listModels, modelInfo } from "@stria/zoo";
import { backendNames, isBackendName } from "./backends.ts";
import { type JsonObject, asList, asObject, asText, isList, parseJson } from "./json.ts";

const docs = new URL("../../../docs/", import.meta.url);

/** Where the table is, and where what it says of goldens is. */
export const tablePath: string = fileURLToPath(new URL("models.md", docs));
const recordPath: string = fileURLToPath(new URL("models.json", docs));

/** By backend and model: letters of the parts that agreed, or what failed; and by model what tests do with published weights. */
interface Findings {
  readonly goldens: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly weights: Readonly<Record<string, string>>;
}

function textsOf(json: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(json).map(([name, text]) => [name, asText(text, name)]));
}

export function readFindings(): Findings {
  const json = asObject(parseJson(readFileSync(recordPath, "utf8"), recordPath), recordPath);
  const goldens = Object.entries(asObject(json["goldens"], "goldens"));
  return {
    goldens: Object.fromEntries(goldens.map(([backend, models]) => [backend, textsOf(asObject(models, backend))])),
    weights: textsOf(asObject(json["weights"], "weights")),
  };
}

const letters: ReadonlyMap<string, string> = new Map([
  ["evaluation", "E"],
  ["vjp", "G"],
  ["train", "T"],
]);

/** What one case of a result says. */
function statusOf(outcome: JsonObject): string {
  const parts = isList(outcome["parts"]) ? outcome["parts"].map((part) => asObject(part, "a part")) : [];
  const notes = isList(outcome["notes"]) ? outcome["notes"].map((note) => asText(note, "a note")) : [];
  const agreed = parts.flatMap(({ name, misses }) => {
    const part = asText(name, "name of a part");
    const letter = letters.get(part);
    if (letter === undefined) return [];
    if (misses !== 0) return [`${letter} fails`];
    return [notes.some((note) => note.startsWith(`${part}:`)) ? `${letter}\\*` : letter];
  });
  return outcome["status"] === "passed" || agreed.some((text) => text.endsWith("fails")) ? agreed.join(" ") : "fails";
}

/** The statuses of the models in a result file. */
function takeIn(record: Findings, path: string): Findings {
  const json = asObject(parseJson(readFileSync(path, "utf8"), path), path);
  const backend = asText(json["backend"], "backend");
  if (!isBackendName(backend)) throw new Error(`${path}: there is no backend "${backend}"`);
  const found = asList(json["cases"], "cases").flatMap((item): [string, string][] => {
    const one = asObject(item, "a case");
    const outcome = asObject(one["outcome"], "outcome");
    return isList(outcome["parts"]) && outcome["parts"].length > 0
      ? [[asText(one["id"], "id"), statusOf(outcome)]]
      : [];
  });
  const models = { ...record.goldens[backend], ...Object.fromEntries(found) };
  const sorted = Object.fromEntries(Object.entries(models).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ...record, goldens: { ...record.goldens, [backend]: sorted } };
}

function withCommas(count: number): string {
  return count.toLocaleString("en-US");
}

/** The figure that is quoted most: a percentage, or an intersection over union. */
const figure = /mean IoU [\d.]+|[\d.]+ %/;

function weightsCell({ weights }: ModelInfo, used: string | undefined): string {
  const known = weights.map((one) => `[${one.name}](${one.url}) ${figure.exec(one.accuracy)?.[0] ?? ""}`.trim());
  if (used !== undefined) return `${known.join(", ")}; **run**: ${used}`;
  return known.length > 0 ? known.join(", ") : "-";
}

function row(info: ModelInfo, { goldens, weights }: Findings): string {
  const status = backendNames.map((backend) => goldens[backend]?.[info.name] ?? "-");
  return `| ${[
    `\`${info.name}\``,
    info.task,
    `[${info.paper}](${info.url}), ${info.year}`,
    info.inputShape.join("x"),
    withCommas(info.parameters),
    withCommas(info.multiplyAdds),
    ...status,
    weightsCell(info, weights[info.name]),
  ].join(" | ")} |`;
}

/** The text of docs/models.md. */
export async function modelTable(record: Findings): Promise<string> {
  const infos = await Promise.all(listModels().map((name) => modelInfo(name)));
  const total = infos.filter(({ name }) => backendNames.some((backend) => record.goldens[backend]?.[name])).length;
  return [
    "# The models",
    "",
    `The ${infos.length} models of \`@stria/zoo\`, in the order of their history: \`await create("resnet18", { numClasses: 10 })\`. Generated by`,
    "`node tools/setup.mjs tests/src/golden/model-table.ts`; a test holds it to the registry.",
    "",
    `**Goldens.** ${total} models are held against PyTorch's answers (\`npm run golden\`): sizes and the listing of the state dict exactly, and, within 1e-4 of the largest`,
    "value where the network itself is no worse conditioned, E: outputs and stages in evaluation mode, G: gradients in evaluation mode, T: loss, outputs, gradients and running statistics of",
    "a training step. A star: some gradients sit on a tie of a ReLU or a maximum, and agree once the input is off by a part in a million. A dash: no golden, or not run on",
    "that backend (`reference` is slow, `webgpu` was run on a software adapter). Models without a golden are other sizes of a family that has one.",
    "",
    "**Weights.** Published files whose address, SHA-256, licence and renaming of keys the registry has, with the publisher's figure. Run: tests load them and run them on real images.",
    "",
    `| model | task | paper | input | parameters | multiply-adds | ${backendNames.join(" | ")} | weights |`,
    `|---|---|---|---|---:|---:|${backendNames.map(() => "---|").join("")}---|`,
    ...infos.map((info) => row(info, record)),
    "",
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const fromUser = (path: string): string => resolve(process.env["INIT_CWD"] ?? process.cwd(), path);
  const record = process.argv.slice(2).map(fromUser).reduce(takeIn, readFindings());
  writeFileSync(recordPath, `${JSON.stringify(record, null, 2)}\n`);
  writeFileSync(tablePath, await modelTable(record));
}
