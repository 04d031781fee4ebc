// Loops over a known number of places, four at a time.
import type { FunctionBuilder, Local } from "../wasm/function.ts";

/** A pointer that moves on, and bytes from one place to the next. */
type Walker = readonly [pointer: Local, bytes: number];

/** `do body() while (--times > 0)`; no loop where it is once. */
export function repeat(f: FunctionBuilder, times: number, body: () => void): void {
  if (times < 1) return;
  if (times === 1) return body();
  const left = f.local("i32");
  f.i32(times).set(left);
  f.loop(() => {
    body();
    f.get(left).i32(1).op("i32.sub").tee(left).branchIf(0);
  });
}

/**
 * Calls `body` for every four of `count` places, with how many of them there are and their number from where the walkers point to: these move on. The last
 * four are moved back to lie inside, or are fewer. `unroll`: vectors in one turn of the loop.
 */
export function byFours(
  f: FunctionBuilder,
  count: number,
  walkers: readonly Walker[],
  unroll: number,
  body: (lanes: number, place: number) => void,
): void {
  if (count < 4) return body(count, 0);
  const turn = 4 * unroll;
  const turns = Math.floor(count / turn);
  const move = (places: number): void => {
    for (const [pointer, bytes] of walkers)
      f.get(pointer)
        .i32(places * bytes)
        .op("i32.add")
        .set(pointer);
  };
  const fours = (places: number): void => {
    for (let place = 0; place + 4 <= places; place += 4) body(4, place);
  };
  if (turns > 1)
    repeat(f, turns, () => {
      fours(turn);
      move(turn);
    });
  const rest = turns > 1 ? count % turn : count;
  fours(rest);
  if (rest % 4 === 0) return;
  if (rest < 4) {
    move(rest - 4);
    body(4, 0);
  } else body(4, rest - 4);
}
