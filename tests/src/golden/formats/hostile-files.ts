// Hostile files: each must be refused, or read without harm. They are read in a process of their own, whose memory is measured.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GoldenFile } from "../files.ts";
import { asObject, asText, isList, isObject, type Json, type JsonObject } from "../json.ts";
import { type Outcome, failed, passed, Unsupported } from "../outcome.ts";
import type { HostileReport } from "./hostile-report.ts";
import { isRead } from "./readers.ts";

const child = fileURLToPath(new URL("hostile-child.ts", import.meta.url));
const mostBytes = 64 * 2 ** 20;
const mostSeconds = 1;

interface Asked {
  readonly kind: string;
  readonly path: string;
}

function isReport(value: unknown): value is HostileReport {
  return typeof value === "object" && value !== null && "grownBytes" in value && "processorSeconds" in value;
}

/** Reads the files, one after the other, in one process. @throws when it ends badly, or prints what a file would have it print */
function readInChild(files: readonly Asked[]): HostileReport[] {
  const folder = mkdtempSync(join(tmpdir(), "stria-hostile-"));
  const report = join(folder, "report.json");
  try {
    const pairs = files.flatMap(({ kind, path }) => [kind, path]);
    const flags = ["--expose-gc", "--conditions=@stria/source"];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...flags, child, report, ...pairs], {
      encoding: "utf8",
      cwd: folder,
    });
    if (status !== 0 || stdout !== "" || stderr !== "")
      throw new Error(
        `the process that read ${files.length} hostile files ended with ${status ?? signal}: ${(stdout + stderr).slice(0, 500)}`,
      );
    const reports: unknown = JSON.parse(readFileSync(report, "utf8"));
    return Array.isArray(reports) ? reports.filter(isReport) : [];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Reports by path. A process shared by all tells too much memory, never too little: what exceeds a bound is read again alone. */
function readAll(files: readonly Asked[]): Map<string, HostileReport> {
  const reports = readInChild(files).map((report) => {
    const file = files.find(({ path }) => path === report.path);
    const isWithin = report.grownBytes < mostBytes && report.processorSeconds < mostSeconds;
    return isWithin || !file ? report : (readInChild([file])[0] ?? report);
  });
  return new Map(reports.map((report) => [report.path, report]));
}

function judge(report: HostileReport, expect: string, file: string): Outcome {
  const { refused, typed, polluted, processorSeconds, grownBytes } = report;
  if (polluted) return failed("a prototype has been changed");
  if (refused !== undefined && !typed) return failed(`the error is no FormatError: ${refused}`);
  if (refused !== undefined && !refused.includes(file)) return failed(`the error does not name the file: ${refused}`);
  if (expect === "reject" && refused === undefined) return failed("it is read, and should be refused");
  if (grownBytes >= mostBytes) return failed(`the process grew by ${(grownBytes / 2 ** 20).toFixed(1)} MB`);
  if (processorSeconds >= mostSeconds) return failed(`it took ${processorSeconds.toFixed(2)} s of the processor`);
  return passed;
}

/** The files of hostile.json; they are read when the first outcome is asked for. */
export function hostileFiles(list: GoldenFile, json: Json): { readonly id: string; run(): Outcome }[] {
  const entries = isObject(json) && isList(json["files"]) ? json["files"] : [];
  const folder = dirname(list.path);
  const files = entries.map((entry) => {
    const about = asObject(entry, `an entry of ${list.name}`);
    const file = asText(about["file"], "file");
    return { file, kind: asText(about["kind"], `kind of ${file}`), path: join(folder, file), about };
  });
  let reports: Map<string, HostileReport> | undefined;
  return files.map(({ file, kind, path, about }) => ({
    id: file,
    run: () => {
      if (kind === "data") return passed; // material of the others
      if (!isRead(kind)) throw new Unsupported(`files of the kind "${kind}"`);
      reports ??= readAll(files.filter((other) => isRead(other.kind)));
      const report = reports.get(path);
      return report ? judge(report, expectationOf(about), file.split("/").at(-1) ?? file) : failed("it was not read");
    },
  }));
}

function expectationOf(about: JsonObject): string {
  return asText(about["expect"], "expect");
}
