// Where the files of a data set may be: the user's folder, the folder of all data, the cache.
import { browserStore } from "./browser-store.ts";
import { cacheFolder, folderStore } from "./folder-store.ts";
import { nodeModules } from "./node-modules.ts";
import type { Store } from "./store.ts";

interface Named {
  readonly name: string;
  readonly folders?: readonly string[];
}

export interface Places {
  /** In the order in which to look. */
  readonly look: readonly Store[];
  /** Where what was downloaded is kept. */
  readonly keep: Store | undefined;
  /** Where it can be fetched from, apart from the mirrors. */
  readonly addresses: readonly string[];
}

/** The places of a collection's files. `dataDir` is a folder; in a browser, the address of one. */
export function placesOf(collection: Named, dataDir: string | undefined): Places {
  const node = nodeModules();
  if (node === undefined) {
    const store = browserStore(collection.name);
    return {
      look: store ? [store] : [],
      keep: store,
      addresses: dataDir === undefined ? [] : [`${dataDir.replace(/\/$/, "")}/${collection.name}/`],
    };
  }
  const { paths, environment } = node;
  const names = [collection.name, ...(collection.folders ?? [])];
  const below = (folder: string): Store[] => names.map((name) => folderStore(node, paths.join(folder, name)));
  const isOwn = (folder: string): boolean => names.includes(paths.basename(paths.resolve(folder)));
  const inside = (folder: string): Store[] => {
    const itself = folderStore(node, folder);
    return isOwn(folder) ? [itself, ...below(folder)] : [...below(folder), itself];
  };
  const cache = folderStore(node, paths.join(cacheFolder(node), collection.name));
  if (dataDir !== undefined) {
    const look = inside(dataDir);
    return { look, keep: look[0], addresses: [] };
  }
  // The folder of all data is no data set's own: several have files of the same names.
  const shared = environment["STRIA_DATA"];
  const shares = shared ? (isOwn(shared) ? inside(shared) : below(shared)) : [];
  return { look: [...shares, cache], keep: cache, addresses: [] };
}
