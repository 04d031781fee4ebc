import { afterAll, beforeAll, expect, test } from "vitest";
import { startRegistry } from "../src/registry.ts";
import type { Registry } from "../src/registry.ts";

let registry: Registry;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.close());

test("serves what was published, with addresses of its own", async () => {
  const archive = Buffer.from("a packed archive");
  const body = JSON.stringify({
    name: "@stria/x",
    versions: { "0.1.0": { dist: { tarball: "http://elsewhere/x.tgz", shasum: "ab" } } },
    _attachments: { "@stria/x-0.1.0.tgz": { data: archive.toString("base64") } },
  });
  const published = await fetch(`${registry.url}/@stria%2fx`, { method: "PUT", body });
  expect(published.status).toBe(201);
  expect([...registry.archives.keys()]).toEqual(["stria-x-0.1.0.tgz"]);

  const packument: unknown = await (await fetch(`${registry.url}/@stria%2fx`)).json();
  const tarball = `${registry.url}/-/stria-x-0.1.0.tgz`;
  expect(packument).toEqual({ name: "@stria/x", versions: { "0.1.0": { dist: { tarball, shasum: "ab" } } } });
  expect(Buffer.from(await (await fetch(tarball)).arrayBuffer())).toEqual(archive);
});

test("knows nothing else", async () => {
  expect((await fetch(`${registry.url}/left-pad`)).status).toBe(404);
  expect((await fetch(`${registry.url}/-/left-pad-1.0.0.tgz`)).status).toBe(404);
});
