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
  const inside = (folder: string): Store[] => {
    const below = names.map((name) => folderStore(node, paths.join(folder, name)));
    const itself = folderStore(node, folder);
    return names.includes(paths.basename(paths.resolve(folder))) ? [itself, ...below] : [...below, itself];
  };
  const cache = folderStore(node, paths.join(cacheFolder(node), collection.name));
  if (dataDir !== undefined) {
    const look = inside(dataDir);
    return { look, keep: look[0], addresses: [] };
  }
  const shared = environment["STRIA_DATA"];
  return { look: [...(shared ? inside(shared) : []), cache], keep: cache, addresses: [] };
}
