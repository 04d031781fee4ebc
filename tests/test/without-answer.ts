// Calls of the goldens that Stria has no answer for yet. An answer that appears fails the test until its line is gone from here.

export const withoutAnswer: Readonly<Record<string, readonly string[]>> = {
  "init.json": ["unsupported  torch.nn.Embedding  (2)"],
  "ops-pool.json": [
    "unsupported  torch.nn.functional.adaptive_avg_pool2d with windows of different sizes  (5)",
    "unsupported  torch.nn.functional.adaptive_max_pool2d with windows of different sizes  (2)",
    "unsupported  torch.nn.functional.adaptive_avg_pool1d with windows of different sizes  (2)",
    "unsupported  torch.nn.functional.adaptive_max_pool1d with windows of different sizes  (2)",
    "unsupported  torch.nn.functional.adaptive_avg_pool3d with windows of different sizes  (1)",
    "unsupported  torch.nn.functional.adaptive_max_pool3d with windows of different sizes  (1)",
    "unsupported  spatial_pyramid_pool: torch.cat([F.adaptive_max_pool2d(input, level).flatten(1) for level in levels], 1)  (1)",
    "unsupported  torch.nn.functional.max_unpool2d  (1)",
    "unsupported  torch.nn.functional.max_unpool1d  (1)",
  ],
  "ops-resize.json": [
    "unsupported  torch.nn.functional.interpolate  (70)",
    "unsupported  torch.nn.functional.grid_sample  (20)",
    "unsupported  torch.nn.functional.affine_grid  (4)",
    "unsupported  spatial_transformer: F.grid_sample(input, F.affine_grid(theta, size, align_corners=False), align_corners=False)  (1)",
  ],
};
