// @stria/core/graph-json: graphs as JSON, written and read. An entry of its own, since few programs need it.
export { fromJSON } from "./graph-from-json.ts";
export { type GraphJson, type JsonAttribute, type JsonNumber, toJSON } from "./graph-to-json.ts";
