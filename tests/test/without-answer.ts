// Calls of the goldens that Stria has no answer for yet. An answer that appears fails the test until its line is gone from here.

export const withoutAnswer: Readonly<Record<string, readonly string[]>> = {
  "ops-resize.json": [
    "unsupported  torch.nn.functional.interpolate  (70)",
    "unsupported  torch.nn.functional.grid_sample  (20)",
    "unsupported  torch.nn.functional.affine_grid  (4)",
    "unsupported  spatial_transformer: F.grid_sample(input, F.affine_grid(theta, size, align_corners=False), align_corners=False)  (1)",
  ],
};
