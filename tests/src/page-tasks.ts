// The longest task of a page's thread while something happens, in processor time: what waits for a busy machine does not count.
import { cdp } from "vitest/browser";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of processor time. */
  readonly tdur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

interface Protocol {
  send(method: string, parameters?: object): Promise<unknown>;
  on(event: string, listener: (payload: { readonly value?: readonly TraceEvent[] }) => void): void;
}

const traceConfig = { includedCategories: ["disabled-by-default-devtools.timeline"] };

/** Milliseconds of processor time of every task that this page's thread does during `work`, the longest first. */
export async function tasksDuring(work: () => Promise<void>): Promise<number[]> {
  const protocol: Protocol = cdp();
  const events: TraceEvent[] = [];
  protocol.on("Tracing.dataCollected", ({ value = [] }) => events.push(...value));
  const complete = new Promise<unknown>((resolve) => protocol.on("Tracing.tracingComplete", resolve));
  await protocol.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  await work();
  await protocol.send("Tracing.end");
  await complete;
  const threads = events
    .filter(({ name, args }) => name === "thread_name" && args["name"] === "CrRendererMain")
    .map(({ pid, tid }) => `${pid} ${tid}`);
  return events
    .filter(({ name, pid, tid }) => name === "RunTask" && threads.includes(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000)
    .toSorted((a, b) => b - a);
}
