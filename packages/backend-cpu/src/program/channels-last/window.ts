// A window that slides over the pixels of images, axis by axis, and the order in which places are taken.
import { sizeOf } from "@stria/core";

/** One axis of a window. At place `j`, element `t` of the kernel sees `start + j placeStep + t tapStep` of the input. */
export interface WindowAxis {
  /** Pixels of the input. */
  readonly size: number;
  readonly places: number;
  readonly taps: number;
  readonly start: number;
  readonly placeStep: number;
  readonly tapStep: number;
  /** Pixel of the output at place 0, and pixels from one place to the next, along this axis; and the axis's size there. */
  readonly outputStart: number;
  readonly outputStep: number;
  readonly outputSize: number;
  /** Pixels from one to the next along this axis, in memory: of the input, and of the output. Default: the axes lie row-major. */
  readonly pixels?: { readonly input: number; readonly output: number };
}

export const wholeAxis: WindowAxis = {
  size: 1,
  places: 1,
  taps: 1,
  start: 0,
  placeStep: 1,
  tapStep: 0,
  outputStart: 0,
  outputStep: 1,
  outputSize: 1,
};

/** Whether each place sees the pixel of its own number. */
export function isPlain(axes: readonly WindowAxis[]): boolean {
  return axes.every(
    (axis) =>
      axis.taps === 1 &&
      axis.start === 0 &&
      axis.placeStep === 1 &&
      axis.size === axis.places &&
      axis.outputStart === 0 &&
      axis.outputStep === 1 &&
      axis.outputSize === axis.places,
  );
}

/** Whether there is one element of the kernel, and it never sees anything outside. */
export function isLine({ size, places, taps, start, placeStep }: WindowAxis): boolean {
  return taps === 1 && start >= 0 && start + (places - 1) * placeStep < size;
}

interface Windows {
  readonly images: number;
  readonly axes: readonly WindowAxis[];
  /** From one pixel of the input to the next. */
  readonly pixelBytes: number;
}

/** Share of what the elements of the kernel see along an axis that is inside. */
function insideShare({ size, places, taps, start, placeStep, tapStep }: WindowAxis): number {
  let inside = 0;
  for (let place = 0; place < places; place++)
    for (let tap = 0; tap < taps; tap++) {
      const seen = start + place * placeStep + tap * tapStep;
      if (seen >= 0 && seen < size) inside++;
    }
  return inside / (places * taps);
}

/** What an element of the kernel sees outside costs nothing only where a whole tile sees it: worth it where no more than this share along the inner axis is inside. */
const muchOutside = 0.88;
/** Addresses so far apart fall on the same set of a first-level cache. */
const cacheSets = 4096;

/**
 * Small images, and windows that reach far out of them: one place of many images after another, so that all pixels of a tile see the same elements of the
 * kernel outside, and these are passed. The images become the inner axis.
 */
export function imagesInside({ images, axes, pixelBytes }: Windows, tileRows: number): WindowAxis[] | undefined {
  const [inner, outer] = [axes.at(-1), axes.at(-2)];
  if (!inner || axes.length > 2 || images < 2 * tileRows || insideShare(inner) > muchOutside) return undefined;
  const [inputPixels, outputPixels] = [
    sizeOf(axes.map(({ size }) => size)),
    sizeOf(axes.map(({ outputSize }) => outputSize)),
  ];
  if ((inputPixels * pixelBytes) % cacheSets === 0) return undefined;
  return [
    ...(outer ? [{ ...outer, pixels: { input: inner.size, output: inner.outputSize } }] : []),
    { ...inner, pixels: { input: 1, output: 1 } },
    {
      ...wholeAxis,
      size: images,
      places: images,
      outputSize: images,
      pixels: { input: inputPixels, output: outputPixels },
    },
  ];
}
