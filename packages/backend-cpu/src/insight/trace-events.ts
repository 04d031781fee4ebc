// A profile as a trace file: the Trace Event Format that chrome://tracing, Perfetto and speedscope read.
import { layerCell } from "./explain.ts";
import type { ProfiledUnit } from "./profile.ts";

/** Complete events, one after the other: units in one line, and above them the layers they belong to. Times are in microseconds. */
export function traceOf(units: readonly ProfiledUnit[]): string {
  const events: object[] = [
    { ph: "M", name: "thread_name", pid: 1, tid: 1, args: { name: "layers" } },
    { ph: "M", name: "thread_name", pid: 1, tid: 2, args: { name: "units" } },
  ];
  let now = 0;
  let layer: { name: string; ts: number; dur: number } | undefined;
  const endLayer = (): void => {
    if (layer) events.push({ ph: "X", cat: "layer", pid: 1, tid: 1, args: {}, ...layer });
  };
  for (const unit of units) {
    const dur = unit.milliseconds * 1000;
    const name = layerCell(unit) || "(no layer)";
    if (layer?.name !== name) {
      endLayer();
      layer = { name, ts: now, dur: 0 };
    }
    layer.dur += dur;
    events.push({
      ph: "X",
      cat: unit.backward ? "backward" : "forward",
      name: unit.ops.join(", "),
      pid: 1,
      tid: 2,
      ts: now,
      dur,
      args: {
        layer: unit.layer,
        output: unit.output,
        algorithm: unit.algorithm,
        multiplyAdds: unit.multiplyAdds,
        gigaflops: unit.gigaflops,
        shareOfPeak: unit.share,
        bytes: unit.bytes,
      },
    });
    now += dur;
  }
  endLayer();
  return `${JSON.stringify({ displayTimeUnit: "ms", traceEvents: events })}\n`;
}
