// @stria/download: published files, found where the user has them, else downloaded, verified and kept.
export { browserStore } from "./browser-store.ts";
export { DownloadError } from "./download-error.ts";
export { download, type DownloadOptions } from "./download.ts";
export type { DownloadProgress } from "./fetch-file.ts";
export { joined } from "./joined.ts";
export { knownFile } from "./known-file.ts";
export { type NodeModules, nodeModules } from "./node-modules.ts";
export { type KnownFile, type ObtainedFile, type ObtainFileOptions, obtainFile } from "./obtain-file.ts";
export { type Places, placesOf } from "./places.ts";
export { sha256 } from "./sha256.ts";
export type { Store } from "./store.ts";
