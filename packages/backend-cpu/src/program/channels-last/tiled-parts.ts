// The pixels of images that are written tile by tile, as parts.
import type { PixelParts } from "../written-pixels.ts";

/** Tiles of images, row by row, `inPart` in each part. */
export function tiledParts({
  images,
  height,
  width,
  tile,
  inPart,
}: {
  readonly images: number;
  readonly height: number;
  readonly width: number;
  /** Pixels of a tile along each side. */
  readonly tile: number;
  readonly inPart: number;
}): PixelParts {
  const [rows, columns] = [Math.ceil(height / tile), Math.ceil(width / tile)];
  const tiles = images * rows * columns;
  return {
    pixels: images * height * width,
    count: Math.ceil(tiles / inPart),
    key: `${images}x${height}x${width} in ${tile}x${tile} by ${inPart}`,
    runs(part) {
      const runs: { pixel: number; pixels: number }[] = [];
      const end = Math.min(tiles, (part + 1) * inPart);
      for (let first = part * inPart, next = first; first < end; first = next) {
        const [row, column] = [Math.floor(first / columns), first % columns];
        next = Math.min(end, (row + 1) * columns);
        const [left, right] = [column * tile, Math.min(width, (column + next - first) * tile)];
        const [image, top] = [Math.floor(row / rows), (row % rows) * tile];
        for (let line = top; line < Math.min(height, top + tile); line++) {
          const pixel = (image * height + line) * width + left;
          const last = runs.at(-1);
          if (last && last.pixel + last.pixels === pixel) last.pixels += right - left;
          else runs.push({ pixel, pixels: right - left });
        }
      }
      return runs;
    },
  };
}
