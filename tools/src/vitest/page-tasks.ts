// The tasks of the page's own thread while something happens, in processor time: what waits for a busy machine does not count.
import type { Page } from "playwright";

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of processor time. */
  readonly tdur?: number;
}

const traceConfig = { includedCategories: ["disabled-by-default-devtools.timeline", "blink.user_timing"] };

/** Milliseconds of each task, the longest first. */
export async function tasksDuring(page: Page, work: () => Promise<void>): Promise<number[]> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const complete = new Promise<unknown>((resolve) => session.once("Tracing.tracingComplete", resolve));
  await session.send("Tracing.start", { transferMode: "ReportEvents", traceConfig });
  // A trace shows all pages of the browser: the mark tells which thread is this one.
  const mark = `tasks ${performance.now()}`;
  await page.evaluate((name) => void performance.mark(name), mark);
  await work();
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const own = events.find(({ name }) => name === mark);
  if (own === undefined) throw new Error("the trace does not show this page");
  return events
    .filter(({ name, pid, tid }) => name === "RunTask" && pid === own.pid && tid === own.tid)
    .map(({ tdur = 0 }) => tdur / 1000)
    .toSorted((a, b) => b - a);
}
