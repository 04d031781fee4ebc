// What the contestants are called that show what threads of this machine can do at all, without the number of their threads.

export const ceilingNames = { register: "register loop", copy: "copy of 64 MB" } as const;

const names: readonly string[] = Object.values(ceilingNames);

/** Whether a contestant is one of them, on whatever number of threads. */
export function isCeiling(contestant: string): boolean {
  return names.some((name) => contestant.startsWith(name));
}
