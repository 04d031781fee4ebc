// Builds a browser app and serves it. `-- --dev` serves its sources instead and reloads when they change; `--no-isolation` leaves out the headers that threads
// need; `--port N` chooses the port, `--host NAME` who may look (default: this machine).
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createServer, preview } from "vite";
import { build, root } from "./command.ts";

/** Serves the app of a folder of apps/, whose package has a name. */
export async function serveApp(folder: string, packageName: string): Promise<void> {
  const { values } = parseArgs({
    options: {
      dev: { type: "boolean", default: false },
      isolation: { type: "boolean", default: true },
      port: { type: "string" },
      host: { type: "string" },
    },
    allowNegative: true,
  });
  process.env["STRIA_ISOLATED"] ??= values.isolation ? "1" : "0";
  const app = join(root, "apps", folder);
  const where = {
    ...(values.port !== undefined && { port: Number(values.port) }),
    ...(values.host !== undefined && { host: values.host }),
  };
  // The development server reads the built packages too: the app sees of them what a user sees.
  await build(values.dev ? `${packageName}^...` : packageName);
  if (values.dev) {
    const server = await createServer({ root: app, server: where });
    await server.listen();
    server.printUrls();
  } else {
    const server = await preview({ root: app, preview: where });
    server.printUrls();
  }
}
