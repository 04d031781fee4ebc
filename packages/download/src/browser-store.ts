// The browser's Cache as a store, for pages and workers.
import { checkSize, type Store } from "./store.ts";

const cacheName = "stria-data-v1";

/** The store of a collection's files in the browser's Cache; undefined where there is none (a page not served securely). */
export function browserStore(collection: string): Store | undefined {
  if (typeof caches === "undefined") return undefined;
  // Keys of a Cache are addresses. This one is never fetched.
  const keyOf = (name: string): string => `https://stria.invalid/${collection}/${encodeURIComponent(name)}`;
  const locate = (name: string): string => `${collection}/${name} in the browser's cache "${cacheName}"`;
  return {
    locate,
    async read(name, limit) {
      const cache = await caches.open(cacheName);
      const found = await cache.match(keyOf(name));
      const blob = await found?.blob();
      if (!blob) return undefined;
      checkSize(locate(name), blob.size, limit);
      return new Uint8Array(await blob.arrayBuffer());
    },
    async write(name, bytes) {
      const cache = await caches.open(cacheName);
      await cache.put(keyOf(name), new Response(bytes));
    },
    async remove(name) {
      const cache = await caches.open(cacheName);
      await cache.delete(keyOf(name));
    },
  };
}
