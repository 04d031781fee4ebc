// The grid of an affine map, for gridSample.
import {
  type Shape,
  ShapeError,
  type Tensor,
  at,
  checkSize,
  fromHost,
  matmul,
  reshape,
  showShape,
  sizeOf,
} from "@stria/core";
import { range } from "../axes.ts";
import { checkSizes } from "../check.ts";

/** The coordinate, from -1 to 1, of an element's center. */
function coordinate(index: number, length: number, alignCorners: boolean): number {
  if (alignCorners) return length > 1 ? (2 * index) / (length - 1) - 1 : 0;
  return (2 * index + 1) / length - 1;
}

/**
 * Where the elements of an image of the sizes `spatial` are under the affine maps theta [N, axes, axes + 1]: [N, ...spatial, axes], to be given to
 * `gridSample`. Coordinates are from -1 to 1, the last axis (width) first. As PyTorch's `affine_grid`.
 * @throws ShapeError where theta does not go with the sizes, AttributeError for sizes below 1.
 */
export function affineGrid(
  theta: Tensor,
  spatial: Shape,
  { alignCorners = false }: { readonly alignCorners?: boolean } = {},
): Tensor {
  const count = spatial.length;
  for (const size of spatial) checkSizes("affineGrid", { size });
  if (theta.rank !== 3 || theta.shape[1] !== count || theta.shape[2] !== count + 1)
    throw new ShapeError(
      "affineGrid",
      `theta is ${showShape(theta.shape)} for ${count} spatial axes`,
      `give [N, ${count}, ${count + 1}]`,
    );
  checkSize("affineGrid", [...spatial, count + 1]);
  const places = sizeOf(spatial);
  const base = new Float32Array(places * (count + 1));
  for (const place of range(places)) {
    let rest = place;
    for (const axis of range(count).toReversed()) {
      const length = at(spatial, axis);
      base[place * (count + 1) + count - 1 - axis] = coordinate(rest % length, length, alignCorners);
      rest = Math.floor(rest / length);
    }
    base[place * (count + 1) + count] = 1;
  }
  const product = matmul(fromHost(base, [places, count + 1], "float32"), theta, { transposeB: true });
  return reshape(product, [at(theta.shape, 0), ...spatial, count]);
}
