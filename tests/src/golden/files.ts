// Finds the golden files below a folder, and says of each what kind it is.
import { readFileSync, readdirSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { type Json, isList, isObject, parseJson } from "./json.ts";

export interface GoldenFile {
  /** Path below the folder, with forward slashes. */
  readonly name: string;
  readonly path: string;
  readonly kind: string;
}

/** Files whose folder holds only material for them. */
const manifests = new Set(["formats.json", "hostile.json"]);

function jsonFilesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
    .map((entry) => join(folder, entry.name));
  if (files.some((file) => manifests.has(basename(file)))) return files.filter((file) => manifests.has(basename(file)));
  return [
    ...files,
    ...entries.filter((entry) => entry.isDirectory()).flatMap((entry) => jsonFilesBelow(join(folder, entry.name))),
  ];
}

/** A file's kind by its name, as the format has it; what is in a folder of its own is of that folder's kind. */
function kindOf(name: string): string {
  const file = basename(name, ".json");
  const folder = basename(dirname(name));
  if (manifests.has(basename(name))) return file;
  if (folder === "training" || folder === "models") return folder;
  const group = /^(ops|vision)-/.exec(file);
  return group?.[1] ?? file;
}

export function goldenFiles(folder: string): GoldenFile[] {
  return jsonFilesBelow(folder).map((path) => {
    const name = relative(folder, path).split(sep).join("/");
    // A folder given by itself (`training/`) still has its name.
    return { name, path, kind: kindOf(name.includes("/") ? name : `${basename(folder)}/${name}`) };
  });
}

export function readGolden(file: GoldenFile): Json {
  return parseJson(readFileSync(file.path, "utf8"), file.name);
}

/** The cases of a file of any kind: its list, or the file itself. */
export function idsOf(json: Json, file: GoldenFile): string[] {
  const list = isObject(json) ? (json["cases"] ?? json["files"]) : json;
  if (!isList(list)) return [basename(file.name, ".json")];
  return list.map((entry, index) => {
    const id = isObject(entry) ? (entry["id"] ?? entry["name"] ?? entry["file"]) : undefined;
    return typeof id === "string" ? id : `${basename(file.name, ".json")}/${index}`;
  });
}
