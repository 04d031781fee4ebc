// Long work in small pieces. A page's thread has to answer its user between them; anywhere else they follow one another.

/** Work that stops, by `yield`, wherever it may be interrupted, and has to where it yields a promise: it goes on when that is resolved. */
export type Pieces<Result> = Generator<Promise<unknown> | undefined, Result, undefined>;

/** Milliseconds of work between turns of the event loop. */
const longestHold = 8;

/** Does all pieces at once. @throws Error where they have to wait for something. */
export function atOnce<Result>(work: Pieces<Result>): Result {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (value) throw new Error("this work waits for something");
  }
}

/** Does all pieces at once, or those before the first wait: then there is no result. */
export function withoutWaiting<Result>(work: Pieces<Result>): Result | undefined {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (!value) continue;
    value.catch(() => {}); // who has to wait for it hears of it
    return undefined;
  }
}

/** Does all pieces, with no more turns of the event loop than they wait for. */
export async function inOneGo<Result>(work: Pieces<Result>): Promise<Result> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (value) await value;
  }
}

/** Lets the event loop turn before the first piece and whenever some milliseconds have been worked. */
export async function inTurns<Result>(work: Pieces<Result>): Promise<Result> {
  for (;;) {
    await turn();
    for (const start = performance.now(); performance.now() - start < longestHold;) {
      const { done, value } = work.next();
      if (done === true) return value;
      if (value) await value;
    }
  }
}

/** By a message: browsers make timers wait for 4 ms. Node has a queue for it, and needs tens of milliseconds to load what makes its first message event. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const immediately: unknown = Reflect.get(globalThis, "setImmediate");
    if (typeof immediately === "function") {
      Reflect.apply(immediately, undefined, [resolve]);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    const arrived = (): void => {
      port1.close();
      resolve();
    };
    port1.addEventListener("message", arrived, { once: true });
    port1.start();
    port2.postMessage(undefined);
  });
}
