// What TypeScript says in an editor, said again to programs in JavaScript: by name, before anything is computed.
import { AttributeError } from "@stria/core";
import type { Callback } from "./fit/callback.ts";

function kindOf(value: unknown): string {
  if (value instanceof Promise) return "a Promise";
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}

function hasMethods(value: unknown, names: readonly string[]): boolean {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    names.every((name) => typeof Reflect.get(value, name) === "function")
  );
}

function refuse(name: string, what: string, value: unknown, remedy: string): never {
  throw new AttributeError(name, `${what} is ${kindOf(value)}`, value instanceof Promise ? "await it first" : remedy);
}

/** @throws AttributeError for what is no model; one that is run as a whole has `forward`. */
export function checkModel(name: string, model: unknown, runs = false): void {
  if (
    typeof model !== "object" ||
    model === null ||
    model instanceof Promise ||
    (runs && !hasMethods(model, ["forward"]))
  )
    refuse(name, "the model", model, "pass an instance of a module, such as sequential([...])");
}

/** @throws AttributeError for nothing, or bare numbers, where the first input of a model stands. */
export function checkInput(name: string, input: unknown): void {
  if (
    input === undefined ||
    input === null ||
    ArrayBuffer.isView(input) ||
    typeof Reflect.get(Object(input), 0) === "number"
  )
    refuse(
      name,
      "the input",
      input,
      "pass a tensor with the batch axis, such as tensor(values, { shape: [1, 1, 28, 28] })",
    );
}

/** @throws AttributeError for what is no optimizer. */
export function checkOptimizer(name: string, optimizer: unknown): void {
  if (!hasMethods(optimizer, ["learningRate", "init", "update"]))
    refuse(name, "the optimizer", optimizer, "pass what makes one returns, such as adam({ learningRate: 1e-3 })");
}

/** @throws AttributeError for what is no function. */
export function checkLoss(name: string, loss: unknown): void {
  if (typeof loss !== "function") refuse(name, "the loss", loss, "pass a function, such as crossEntropy");
}

/** @throws AttributeError for what gives no batches. */
export function checkBatches(name: string, batches: unknown): void {
  if (typeof batches === "object" && batches !== null && !(batches instanceof Promise))
    if (Symbol.asyncIterator in batches || Symbol.iterator in batches) return;
  refuse(
    name,
    "what should give the batches",
    batches,
    "pass loader(dataset, { batchSize: 64 }), or a list of batches",
  );
}

/** @throws AttributeError for metrics that are none. */
export function checkMetrics(name: string, metrics: unknown): void {
  if (typeof metrics !== "object" || metrics === null)
    refuse(name, "the table of metrics", metrics, "pass metrics by name: { accuracy }");
  for (const [key, metric] of Object.entries(metrics))
    if (!hasMethods(metric, ["start", "measure"]))
      refuse(name, `metric ${key}`, metric, "pass metrics by name: { accuracy, loss: meanLoss(crossEntropy) }");
}

/** What fit calls; the compiler holds the list to the interface. */
const hookNames: Readonly<Record<Exclude<keyof Callback, "name">, true>> = {
  onStart: true,
  onStep: true,
  onEpochEnd: true,
  afterEpoch: true,
  onEnd: true,
  save: true,
  restore: true,
};

/** The names of an object's members, its class's included. */
function memberNames(value: object): string[] {
  const names: string[] = [];
  for (let level: object | null = value; level && level !== Object.prototype; level = Reflect.getPrototypeOf(level))
    names.push(...Object.getOwnPropertyNames(level));
  return names;
}

/** What is named as hooks are must be one, or it would never be called; everything else of a callback is its own. */
function checkHooks(name: string, callback: object): void {
  const wrong = memberNames(callback).find((member) => /^on[A-Z]/.test(member) && !(member in hookNames));
  if (wrong !== undefined)
    throw new AttributeError(
      name,
      `a callback has ${wrong}, which is never called`,
      `the hooks are ${Object.keys(hookNames).join(", ")}; give a member that is none another name`,
    );
}

/** @throws AttributeError for callbacks that are none, and for hooks that there are not. */
export function checkCallbacks(name: string, callbacks: unknown): void {
  if (!Array.isArray(callbacks)) refuse(name, "callbacks", callbacks, "pass a list: [progressBar()]");
  for (const callback of callbacks as readonly unknown[]) {
    if (typeof callback !== "object" || callback === null)
      refuse(name, "a callback", callback, "pass what makes one returns, such as progressBar()");
    checkHooks(name, callback);
  }
}
