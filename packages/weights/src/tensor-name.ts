// Names of tensors come from files, and may become keys of objects: those that mean something to JavaScript are refused.
import { refuse } from "./fault.ts";

const refusedParts: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** @throws FormatError when a part of `name` is one of `__proto__`, `constructor` and `prototype` */
export function checkTensorName(name: string, source: string): void {
  if (name.split(/[./]/).some((part) => refusedParts.has(part)))
    refuse(source, `a tensor may not be called ${JSON.stringify(name)}`, "rename it");
}
