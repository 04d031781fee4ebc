// Automatic augmentation: single operations at given magnitudes, and the tables at the head of the file.
import {
  type Image,
  type OperationName,
  type PolicyKind,
  applyOperation,
  autoAugmentPolicies,
  isSigned,
  magnitudesOf,
  operationsOf,
} from "@stria/augmentation";
import { Judge } from "../judge.ts";
import { type Json, type JsonObject, asList, asNumber, asNumbers, asObject, asText, isList } from "../json.ts";
import { type Outcome, Unsupported } from "../outcome.ts";
import type { Arguments } from "../arguments.ts";

const kinds: Readonly<Record<string, PolicyKind>> = {
  RandAugment: "randAugment",
  TrivialAugmentWide: "trivialAugment",
  AutoAugment: "autoAugment",
  AugMix: "augMix",
};

function kindOf(name: string): PolicyKind {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (!kind) throw new Unsupported(`the policy ${name}`);
  return kind;
}

function operationOf(kind: PolicyKind, name: string): OperationName {
  const found = operationsOf[kind].find((known) => known === name);
  if (!found) throw new Unsupported(`the operation ${name}`);
  return found;
}

/** `RandAugment.ShearX`, `RandAugment.chain`, ...; nothing for what is no such call. */
export function policyCall(call: string): ((image: Image, given: Arguments) => Image) | undefined {
  const [policy = "", name = ""] = call.split(".");
  const kind = Object.hasOwn(kinds, policy) ? kinds[policy] : undefined;
  if (!kind || call !== `${policy}.${name}`) return undefined;
  if (name === "chain")
    return (image, given) =>
      asList(given.json("steps"), "steps").reduce<Image>((made, step) => {
        const [operation, magnitude] = asList(step, "a step");
        return applyOperation(made, {
          name: operationOf(kind, asText(operation, "a step")),
          magnitude: asNumber(magnitude, "a magnitude"),
        });
      }, image);
  return (image, given) => {
    const operation = operationOf(kind, name);
    const [bin, bins, sign] = [given.number("bin"), given.number("bins"), given.number("sign")];
    const canvas = { height: image.shape[1], width: image.shape[2] };
    const magnitude = (magnitudesOf(kind, operation, bins, canvas)?.[bin] ?? 0) * (isSigned(operation) ? sign : 1);
    const stated = given.number("magnitude");
    if (Math.abs(magnitude - stated) > 1e-6 * Math.abs(stated))
      throw new RangeError(`magnitude ${magnitude}, stated ${stated}`);
    return applyOperation(image, { name: operation, magnitude: stated });
  };
}

/** A table of magnitudes: the operations, their signs, and each number to seven digits. */
export function runMagnitudes(name: string, json: JsonObject): Outcome {
  const [kind, judge] = [kindOf(name), new Judge()];
  const operations = asObject(json["operations"], name);
  judge.same("operations", [...operationsOf[kind]].toSorted(), Object.keys(operations).toSorted());
  const canvas = { height: asNumber(json["height"], name), width: asNumber(json["width"], name) };
  const bins = asNumber(json["bins"], name);
  for (const [key, entry] of Object.entries(operations)) {
    const [operation, golden] = [operationOf(kind, key), asObject(entry, key)];
    judge.same(`${key} signed`, isSigned(operation), golden["signed"]);
    const found = magnitudesOf(kind, operation, bins, canvas);
    const expected = golden["magnitudes"] === null ? [] : asNumbers(golden["magnitudes"], key);
    judge.same(`magnitudes of ${key}`, found?.length ?? 0, expected.length);
    for (const [bin, value] of expected.entries())
      judge.check(`${key}[${bin}]`, found?.[bin] ?? Number.NaN, value, 2e-7 * Math.abs(value));
  }
  return judge.outcome();
}

/** A policy of AutoAugment. */
export function runPolicy(name: string, json: Json): Outcome {
  const [judge, key] = [new Judge(), name.toLowerCase()];
  if (key !== "imagenet" && key !== "cifar10" && key !== "svhn") throw new Unsupported(`the policy ${name}`);
  const found = autoAugmentPolicies[key].map((pair) =>
    pair.map(([operation, share, bin]) => [operation, share, bin ?? null]),
  );
  judge.same(name, found, isList(json) ? json : []);
  return judge.outcome();
}
