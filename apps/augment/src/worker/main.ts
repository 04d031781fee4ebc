// The worker: all computing is done here, and the page stays free.
import type { FromWorker, ToWorker } from "../messages.ts";
import { Session } from "./session.ts";

const session = new Session((message: FromWorker, transfer: Transferable[] = []) => {
  globalThis.postMessage(message, { transfer });
});

globalThis.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => session.receive(data));
