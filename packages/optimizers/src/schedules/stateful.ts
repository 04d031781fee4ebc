// Schedules that remember: what a checkpoint keeps of them.
import type { Optimizer } from "../optimizer.ts";
import type { Schedule } from "./schedule.ts";

/** A schedule that depends on more than the step, such as {@link reduceOnPlateau}. What it saves is plain data. */
export interface StatefulSchedule extends Schedule {
  /** What to keep of it. */
  save(): unknown;
  /** Goes on from what was saved. @throws FormatError for anything else; nothing has changed then. */
  restore(saved: unknown): void;
}

function isStateful(schedule: Schedule): schedule is StatefulSchedule {
  return "save" in schedule && "restore" in schedule;
}

/** The schedules with a state that an optimizer follows, those of its groups included, each once. */
export function statefulSchedules({ learningRate, schedules = [] }: Optimizer): StatefulSchedule[] {
  return [...new Set([...schedules, learningRate])].filter(isStateful);
}
