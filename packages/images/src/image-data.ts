// The codecs answer with ImageData, which Node does not have: they find a stand-in while they work, and nothing is left behind.

/** As much of it as the codecs make. */
class StandIn {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

let working = 0;
let borrowed = false;

/** Runs `work` where there is an ImageData; a stand-in is gone when the last one is done. */
export async function withImageData<Result>(work: () => Promise<Result>): Promise<Result> {
  if (working === 0 && !("ImageData" in globalThis)) {
    borrowed = Reflect.defineProperty(globalThis, "ImageData", { value: StandIn, configurable: true, writable: true });
  }
  working++;
  try {
    return await work();
  } finally {
    working--;
    if (working === 0 && borrowed) {
      Reflect.deleteProperty(globalThis, "ImageData");
      borrowed = false;
    }
  }
}
