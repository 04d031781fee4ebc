// A worker of a browser's that never calls `serveBatches` lives on, idle, and nothing tells of that: not even a message that nobody receives. So a line
// on the console does.

/** How long a worker may be silent. It may be loading, so that is no error. */
const silentSeconds = 10;

/** Begins to wait for a worker; what it returns is called when there is nothing to wait for any more. */
export function untilHeard(): () => void {
  const timer = setTimeout(
    () =>
      console.warn(
        `Stria: a loader waits for its worker, which has not called serveBatches for ${silentSeconds} seconds. If its module is not still loading, let workers.start name one that calls it.`,
      ),
    silentSeconds * 1000,
  );
  return () => clearTimeout(timer);
}
