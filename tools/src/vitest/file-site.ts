// A site of files for tests of downloads, over real HTTP: in Node a server of its own, in the browser tests a part of Vite's.
// PUT /file-site/NAME?ranges=no&cut=N&status=N stores a file and how it is answered, GET answers, GET /file-site/NAME?asked lists the
// requests so far, GET /file-site/NAME?break breaks the connection that waits at the cut.
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { Plugin } from "vite";

const root = "/file-site/";

interface SiteFile {
  readonly bytes: Buffer;
  /** Whether ranges are answered with 206. */
  readonly ranges: boolean;
  /** After how many bytes the first answer stops and waits to be broken; the second request is answered whole. */
  cut: number;
  /** Breaks that connection. Only who reads knows when the bytes before the cut have come: a stream that fails drops what waits in it. */
  readonly broken: AbortController;
  readonly status: number;
  /** Ranges that were asked for; "" without. */
  readonly asked: string[];
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece as Uint8Array));
  return Buffer.concat(pieces);
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener("abort", act);
}

function answer(file: SiteFile, request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers.range ?? "";
  file.asked.push(asked);
  const { length } = file.bytes;
  const [, first, last] = file.ranges ? (/^bytes=(\d+)-(\d*)$/.exec(asked) ?? []) : [];
  const begin = Number(first ?? 0);
  const end = last ? Math.min(Number(last) + 1, length) : length;
  if (begin >= length && first !== undefined) return void response.writeHead(416).end();
  const part = file.bytes.subarray(begin, end);
  const range = first === undefined ? {} : { "content-range": `bytes ${begin}-${end - 1}/${length}` };
  const status = file.status === 200 && first !== undefined ? 206 : file.status;
  response.writeHead(status, { "content-length": part.length, "cache-control": "no-store", ...range });
  const { cut } = file;
  file.cut = Infinity;
  if (begin + part.length <= cut) response.end(part);
  else response.write(part.subarray(0, cut - begin), () => whenAborted(file.broken.signal, () => response.destroy()));
}

/** A handler of the requests for a site that is empty at first; `next` takes the others. */
function siteHandler(): (request: IncomingMessage, response: ServerResponse, next: () => void) => void {
  const files = new Map<string, SiteFile>();
  return (request, response, next) => {
    const url = new URL(request.url ?? "", "http://localhost");
    if (!url.pathname.startsWith(root)) return next();
    const file = files.get(url.pathname);
    if (request.method === "PUT")
      return void bodyOf(request).then((bytes) => {
        const option = (name: string, usual: number): number => Number(url.searchParams.get(name) ?? usual);
        const ranges = url.searchParams.get("ranges") !== "no";
        const answered = { cut: option("cut", Infinity), status: option("status", 200) };
        files.set(url.pathname, { bytes, ranges, asked: [], broken: new AbortController(), ...answered });
        response.end();
      });
    if (file === undefined) return void response.writeHead(404).end();
    if (url.searchParams.has("asked")) return void response.end(JSON.stringify(file.asked));
    if (url.searchParams.has("break")) {
      file.broken.abort();
      return void response.end();
    }
    return answer(file, request, response);
  };
}

/** The site as a part of Vite's server: of that which the browser tests are served by, and of that of a built app. */
export function fileSite(): Plugin {
  return {
    name: "file-site",
    configureServer: ({ middlewares }) => void middlewares.use(siteHandler()),
    configurePreviewServer: ({ middlewares }) => void middlewares.use(siteHandler()),
  };
}

/** The site as a server of its own on the loopback interface. */
export async function openFileSite(): Promise<{ readonly address: string; close(): Promise<void> }> {
  const handle = siteHandler();
  const server = createServer((request, response) => handle(request, response, () => response.writeHead(404).end()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const place = server.address();
  return {
    address: `http://127.0.0.1:${typeof place === "object" ? place?.port : place}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
