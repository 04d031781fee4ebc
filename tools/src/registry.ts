// A package registry on the loopback interface that keeps what is published in memory.
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** The parts of the document that `npm publish` sends and `npm install` reads. */
interface Packument {
  name: string;
  versions: Record<string, { dist: { tarball: string } }>;
  _attachments?: Record<string, { data: string }>;
}

export interface Registry {
  url: string;
  /** The packed archives by their file names, in the order of publication. */
  archives: ReadonlyMap<string, Buffer>;
  close: () => Promise<void>;
}

/** Starts a registry on a free port of 127.0.0.1. It takes publications from anyone and knows no other registry. */
export async function startRegistry(): Promise<Registry> {
  const packuments = new Map<string, Packument>();
  const archives = new Map<string, Buffer>();
  let url = "";

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(new URL(request.url ?? "/", url).pathname).slice(1);
    if (request.method === "PUT") {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { _attachments = {}, ...packument } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as Packument;
      for (const [file, { data }] of Object.entries(_attachments)) {
        const name = file.replace("@", "").replace("/", "-");
        archives.set(name, Buffer.from(data, "base64"));
        for (const { dist } of Object.values(packument.versions)) dist.tarball = `${url}/-/${name}`;
      }
      packuments.set(packument.name, packument);
      response.writeHead(201, { "content-type": "application/json" }).end("{}");
      return;
    }
    const found = path.startsWith("-/") ? archives.get(path.slice(2)) : JSON.stringify(packuments.get(path));
    if (found === undefined) response.writeHead(404, { "content-type": "application/json" }).end("{}");
    else response.writeHead(200).end(found);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    archives,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
