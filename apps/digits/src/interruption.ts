// Ctrl-C: the first ends the training after the step under way, the second the program.

/** Runs `f` with a signal that the first Ctrl-C gives. Another one quits at once. */
export async function interruptible<T>(f: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort();
    process.stderr.write("\nStopping after this step. Ctrl-C again quits at once.\n");
  };
  process.on("SIGINT", onInterrupt);
  try {
    return await f(controller.signal);
  } finally {
    process.off("SIGINT", onInterrupt);
  }
}
