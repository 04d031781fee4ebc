// Publishes the built packages into a registry of our own and writes down the archives that users would download.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { command, pnpm, root } from "./command.ts";
import type { Registry } from "./registry.ts";

/** Publishes every package that is not private. `folder` gets the archives; returns their paths. */
export async function publish(registry: Registry, folder: string): Promise<string[]> {
  mkdirSync(folder, { recursive: true });
  await pnpm(["--recursive", "publish", "--no-git-checks", "--registry", `${registry.url}/`]);
  return [...registry.archives].map(([name, bytes]) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  });
}

/** Throws when an archive's manifest or entry points would mislead Node, a bundler or the TypeScript compiler. */
export async function checkArchives(paths: readonly string[]): Promise<void> {
  if (paths.length === 0) throw new Error("nothing was published");
  const bin = join(root, "tools", "node_modules", ".bin");
  for (const path of paths) {
    // Two at a time: each is a program of its own that mostly waits to start.
    await Promise.all([
      command(join(bin, "publint"), ["run", path, "--strict"]),
      command(join(bin, "attw"), [path, "--profile", "esm-only"]),
    ]);
  }
}
