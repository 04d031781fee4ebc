// Which package may depend on which: no cycle, and nothing that would install what a user did not ask for.
import type { Manifest } from "./workspace.ts";

const kinds = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;

/** What a published package installs besides ours: small, and without dependencies of its own. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  "@stria/images": ["@jsquash/jpeg", "@jsquash/webp"],
  "@stria/datasets": ["papaparse", "saxes"],
  "@stria/onnx": ["@bufbuild/protobuf"],
};

/** Names of all packages that `manifest` mentions, those for development included. */
function mentioned(manifest: Manifest): string[] {
  return kinds.flatMap((kind) => Object.keys(manifest[kind] ?? {}));
}

/** The first cycle found, as the names along it with the first repeated at the end; undefined when there is none. */
export function findCycle(manifests: readonly Manifest[]): string[] | undefined {
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]));
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    const seen = path.indexOf(name);
    if (seen >= 0) return [...path.slice(seen), name];
    const manifest = byName.get(name);
    if (manifest === undefined || done.has(name)) return undefined;
    for (const next of mentioned(manifest)) {
      const cycle = visit(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of manifests) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** One sentence for each rule that a published package breaks. */
export function brokenRules(manifests: readonly Manifest[]): string[] {
  const hidden = new Set(manifests.filter((manifest) => manifest.private === true).map(({ name }) => name));
  const broken: string[] = [];
  const cycle = findCycle(manifests);
  if (cycle !== undefined) broken.push(`the packages depend on each other in a cycle: ${cycle.join(" -> ")}`);
  for (const manifest of manifests.filter((candidate) => candidate.private !== true)) {
    const { name, dependencies = {}, peerDependencies = {} } = manifest;
    for (const other of mentioned(manifest).filter((candidate) => hidden.has(candidate))) {
      broken.push(`${name} is published and mentions ${other}, which is not`);
    }
    const known = (other: string): boolean => other.startsWith("@stria/") || (accepted[name] ?? []).includes(other);
    for (const other of Object.keys(dependencies).filter((candidate) => !known(candidate))) {
      broken.push(`${name} would install ${other} with it: make it a peer dependency of the one package that needs it`);
    }
    if (name !== "@stria/core") {
      if (peerDependencies["@stria/core"] === undefined)
        broken.push(`${name} must have @stria/core as a peer dependency`);
      if (dependencies["@stria/core"] !== undefined) broken.push(`${name} would bring a second copy of @stria/core`);
    }
    if (name.startsWith("@stria/backend-")) {
      const others = mentioned(manifest).filter((other) => other.startsWith("@stria/backend-"));
      for (const other of others) broken.push(`${name} is a backend and depends on another one, ${other}`);
    }
  }
  return broken;
}
