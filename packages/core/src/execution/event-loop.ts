// Lets the event loop turn now and then. An executor that computes in the caller's thread answers at once, so that a loop of `await`s never
// leaves the microtasks: no timer fires, no input is read, no signal aborts, and the memory of collected tensors is not given back.
const longestHold = 50;

let lastTurn = 0;

/** Resolves at once, or after one turn of the event loop where the last one asked for here was more than 50 ms ago. */
export async function breathe(): Promise<void> {
  // The calendar's clock, which may be set back: Node takes milliseconds to load the other one, and a first prediction has no use for it.
  if (Math.abs(Date.now() - lastTurn) < longestHold) return;
  await turn();
  lastTurn = Date.now();
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
