// The argument words of the channels-last product, which its kernel and the function that finds its pixels both read.

export const indirectArguments = [
  // Addresses: panels, first pixel of the input, zeros, first pixel of the output and of the residual (0 where there is none).
  "packed",
  "x",
  "zeros",
  "y",
  "residual",
  // Addresses of the tables of the three axes.
  "outerTable",
  "middleTable",
  "innerTable",
  // The least and the largest result, as the bits of float32.
  "least",
  "most",
  // Segments of a tile, and bytes of a panel for each.
  "segments",
  "runBytes",
  // Pixels in all and in a unit, units side by side.
  "rows",
  "rowsPerUnit",
  "rowUnits",
  // Panels in all, in a unit, in a group; bytes of one; output channels of a group, bytes of its input channels.
  "panels",
  "panelsPerUnit",
  "panelsPerGroup",
  "panelBytes",
  "groupColumns",
  "groupBytes",
  // Bytes from one pixel to the next.
  "pitchX",
  "pitchY",
  "pitchResidual",
  // The window: elements of the kernel and places along the three axes, bytes of the inner table for one element of the kernel.
  "outerTaps",
  "middleTaps",
  "innerTaps",
  "outerPlaces",
  "middlePlaces",
  "innerPlaces",
  "innerTableBytes",
  // Bytes from one place to the next along the inner axis, where the window is a line.
  "innerStep",
  // Bytes from one image of the input to the next; pixels from one image of the output to the next, and from one place to the next along each axis.
  "imageBytes",
  "imagePixels",
  "outerPixels",
  "middlePixels",
  "innerPixels",
] as const;
