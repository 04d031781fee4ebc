// What the page calls what a model does, by its task.
import type { Task } from "@stria/zoo";

const runs: Readonly<Partial<Record<Task, string>>> = { classification: "Classify", segmentation: "Segment" };
const otherInputs: Readonly<Partial<Record<Task, string>>> = { segmentation: " but another network's scores" };

/** Whether there is an answer to show, besides the maps. */
export function isAnswered(task: Task | undefined): boolean {
  return task !== undefined && task in runs;
}

/** What is done with an image. */
export function runWord(task: Task): string {
  return runs[task] ?? "Run";
}

/** Why a model cannot be given an image. */
export function noImages(name: string, task: Task): string {
  return `${name} does not read images${otherInputs[task] ?? ""}: it can be looked at and timed here, not run on a picture.`;
}
