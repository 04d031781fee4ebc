// Numbers that look random and are the same in every run.

/** Numbers in [-scale, scale), always the same. */
export function numbers(): (count: number, scale: number) => Float32Array<ArrayBuffer> {
  let state = 12345;
  return (count, scale) => {
    const list = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      list[i] = (state / 2 ** 31 - 1) * scale;
    }
    return list;
  };
}
