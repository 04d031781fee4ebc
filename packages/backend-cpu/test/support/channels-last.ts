// Arrays [n, c, ...spatial] with their channels moved last, and back.
import { at, sizeOf, type Shape, type TypedArray } from "@stria/core";

function moved(data: TypedArray, batch: number, rows: number, columns: number): TypedArray {
  const result = data.slice();
  for (let image = 0; image < batch; image++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        result[(image * columns + column) * rows + row] = at(data, (image * rows + row) * columns + column);
  return result;
}

/** [n, c, ...spatial] as [n, ...spatial, c]. */
export function channelsLast(data: TypedArray, shape: Shape): TypedArray {
  return moved(data, at(shape, 0), at(shape, 1), sizeOf(shape.slice(2)));
}

/** The reverse; `shape` is [n, c, ...spatial]. */
export function channelsFirst(data: TypedArray, shape: Shape): TypedArray {
  return moved(data, at(shape, 0), sizeOf(shape.slice(2)), at(shape, 1));
}
