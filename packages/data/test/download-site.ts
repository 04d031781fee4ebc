// A real server on the loopback interface, a collection of two files that it publishes, and an empty cache: for the tests of downloads.
import { createHash } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, vi } from "vitest";
import type { Collection } from "../src/collection.ts";
import { noise } from "./fixtures.ts";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export const contents: Uint8Array<ArrayBuffer> = noise(300_000);
export const compressed: Uint8Array<ArrayBuffer> = new Uint8Array(gzipSync(contents, { level: 1 }));
export const labels: Uint8Array<ArrayBuffer> = Uint8Array.of(1, 2, 3);

export function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export function send(bytes: Uint8Array, status = 200): Answer {
  return (_, response) => {
    response.writeHead(status, { "content-length": bytes.length }).end(bytes);
  };
}

/** Connections that wait to be broken, each after how many bytes of the file. */
const cuts = new Map<ServerResponse, number>();

/** Answers as a server that knows ranges; after `length` bytes of the file it stops, until `breakWhatCame` sees that they have come. */
export function sendUpTo(length: number): Answer {
  return (request, response) => {
    const start = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const rest = compressed.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": rest.length,
      ...(start > 0 && { "content-range": `bytes ${start}-${compressed.length - 1}/${compressed.length}` }),
    });
    if (start + rest.length <= length) response.end(rest);
    else {
      response.write(rest.subarray(0, length - start));
      cuts.set(response, length);
    }
  };
}

/** Progress that breaks connections which have sent what they send. Only who reads knows: a stream that fails drops what waits in it. */
export function breakWhatCame({ received }: { received: number }): void {
  for (const [response, length] of cuts)
    if (received >= length) {
      cuts.delete(response);
      response.destroy();
    }
}

interface Site {
  /** The user's cache folder, empty at first. */
  folder: string;
  address: string;
  /** What the server answers, by path; anything else is a 404. */
  answers: Record<string, Answer>;
  /** What it was asked for, with the range. */
  asked: string[];
  close(): Promise<void>;
}

export const site: Site = { folder: "", address: "", answers: {}, asked: [], close: async () => undefined };

/** Two files that the server has at two addresses. */
export function collection(changed: Partial<Collection> = {}): Collection {
  return {
    name: "numbers",
    files: [
      { name: "images.gz", bytes: contents.length, sha256: hash(contents) },
      { name: "labels", bytes: labels.length, sha256: hash(labels) },
    ],
    mirrors: [`${site.address}/one/`, `${site.address}/two`],
    ...changed,
  };
}

/** Where their files are kept. */
export function cached(): string {
  return join(site.folder, "stria", "numbers");
}

/** Opens the site before each test, and closes it after. */
export function useSite(): void {
  beforeEach(async () => {
    site.folder = await mkdtemp(join(tmpdir(), "stria-data-"));
    vi.stubEnv("XDG_CACHE_HOME", site.folder);
    vi.stubEnv("STRIA_DATA", undefined);
    site.answers = {
      "/one/images.gz": send(compressed),
      "/one/labels": send(labels),
      "/two/images.gz": send(compressed),
      "/two/labels": send(labels),
    };
    site.asked = [];
    const server = createServer((request, response) => {
      const path = request.url ?? "";
      site.asked.push(request.headers.range ? `${path} ${request.headers.range}` : path);
      const answer = site.answers[path] ?? send(Buffer.from("nothing here"), 404);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const place = server.address();
    site.address = `http://127.0.0.1:${typeof place === "object" ? place?.port : place}`;
    site.close = () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await site.close();
    await chmod(site.folder, 0o755);
    await rm(site.folder, { recursive: true, force: true });
  });
}
