// The longest task of a page's thread while something happens, in processor time: what waits for a busy machine does not count.
import { cdp } from "vitest/browser";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of processor time. */
  readonly tdur?: number;
}

interface Protocol {
  send(method: string, parameters?: object): Promise<unknown>;
  on(event: string, listener: (payload: { readonly value?: readonly TraceEvent[] }) => void): void;
}

const traceConfig = { includedCategories: ["disabled-by-default-devtools.timeline", "blink.user_timing"] };

/** Milliseconds of processor time of every task that this page's thread does during `work`, the longest first. */
export async function tasksDuring(work: () => Promise<void>): Promise<number[]> {
  const protocol: Protocol = cdp();
  const events: TraceEvent[] = [];
  protocol.on("Tracing.dataCollected", ({ value = [] }) => events.push(...value));
  const complete = new Promise<unknown>((resolve) => protocol.on("Tracing.tracingComplete", resolve));
  await protocol.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  // A trace shows all pages of the browser: the mark tells which thread is this one.
  const mark = `tasks ${Math.random()}`;
  performance.mark(mark);
  await work();
  await protocol.send("Tracing.end");
  await complete;
  const own = events.find(({ name }) => name === mark);
  if (!own) throw new Error("the trace does not show this page");
  return events
    .filter(({ name, pid, tid }) => name === "RunTask" && pid === own.pid && tid === own.tid)
    .map(({ tdur = 0 }) => tdur / 1000)
    .toSorted((a, b) => b - a);
}
