// The index of a safetensors file in shards, as Hugging Face's libraries write it: {"metadata": {...}, "weight_map": {tensor: file}}.
import { refuse } from "../fault.ts";
import { isObject, parseJson } from "../keras/topology/json.ts";
import { checkPartName } from "../source/part-name.ts";
import { checkTensorName } from "../tensor-name.ts";

const mostShards = 1000;

/** The shard of each tensor. @throws FormatError for what is no index, or names files outside its folder */
export function parseIndex(text: string, source: string): Map<string, string> {
  const index = parseJson(text, source, "the index");
  const map = isObject(index) ? index["weight_map"] : undefined;
  if (!isObject(map)) return refuse(source, "the index has no weight_map", "pass model.safetensors.index.json");
  const shardOf = new Map<string, string>();
  for (const [name, shard] of Object.entries(map)) {
    checkTensorName(name, source);
    if (typeof shard !== "string") return refuse(source, `the shard of ${JSON.stringify(name)} is no text`);
    checkPartName(shard, source);
    shardOf.set(name, shard);
  }
  if (new Set(shardOf.values()).size > mostShards) return refuse(source, `it has more than ${mostShards} shards`);
  return shardOf;
}
