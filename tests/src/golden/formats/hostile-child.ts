// Reads hostile files in a process of its own, and tells of each what became of it: node --expose-gc hostile-child.ts REPORT KIND PATH [KIND PATH ...]
import { writeFileSync } from "node:fs";
import { FormatError } from "@stria/core";
import { describeError } from "../outcome.ts";
import type { HostileReport } from "./hostile-report.ts";
import { readGoldenFile } from "./readers.ts";

const [report = "", ...pairs] = process.argv.slice(2);
const prototypes = [Object.prototype, Array.prototype, Function.prototype, Map.prototype, Uint8Array.prototype];
const namesOfPrototypes = (): string => prototypes.map((one) => Reflect.ownKeys(one).map(String).join(" ")).join("\n");
const untouched = namesOfPrototypes();

const reports: HostileReport[] = [];
for (let at = 0; at + 1 < pairs.length; at += 2) {
  const [kind = "", path = ""] = pairs.slice(at, at + 2);
  global.gc?.();
  const resident = process.memoryUsage.rss();
  const cpu = process.cpuUsage();
  let refused: string | undefined;
  let typed = true;
  try {
    await readGoldenFile(kind, path);
  } catch (error) {
    refused = describeError(error);
    typed = error instanceof FormatError;
  }
  const { user, system } = process.cpuUsage(cpu);
  reports.push({
    path,
    refused,
    typed,
    polluted: namesOfPrototypes() !== untouched,
    processorSeconds: (user + system) / 1e6,
    // The most that the process ever had, over what it had before this file: never less than what reading it took.
    grownBytes: process.resourceUsage().maxRSS * 1024 - resident,
  });
}
writeFileSync(report, JSON.stringify(reports));
