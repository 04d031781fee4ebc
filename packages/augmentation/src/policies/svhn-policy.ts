// The policy that AutoAugment found for SVHN (Cubuk et al. 2019), as torchvision has it.
import type { Policy } from "./policy.ts";

export const svhnPolicy: Policy = [
  [
    ["ShearX", 0.9, 4],
    ["Invert", 0.2],
  ],
  [
    ["ShearY", 0.9, 8],
    ["Invert", 0.7],
  ],
  [
    ["Equalize", 0.6],
    ["Solarize", 0.6, 6],
  ],
  [
    ["Invert", 0.9],
    ["Equalize", 0.6],
  ],
  [
    ["Equalize", 0.6],
    ["Rotate", 0.9, 3],
  ],
  [
    ["ShearX", 0.9, 4],
    ["AutoContrast", 0.8],
  ],
  [
    ["ShearY", 0.9, 8],
    ["Invert", 0.4],
  ],
  [
    ["ShearY", 0.9, 5],
    ["Solarize", 0.2, 6],
  ],
  [
    ["Invert", 0.9],
    ["AutoContrast", 0.8],
  ],
  [
    ["Equalize", 0.6],
    ["Rotate", 0.9, 3],
  ],
  [
    ["ShearX", 0.9, 4],
    ["Solarize", 0.3, 3],
  ],
  [
    ["ShearY", 0.8, 8],
    ["Invert", 0.7],
  ],
  [
    ["Equalize", 0.9],
    ["TranslateY", 0.6, 6],
  ],
  [
    ["Invert", 0.9],
    ["Equalize", 0.6],
  ],
  [
    ["Contrast", 0.3, 3],
    ["Rotate", 0.8, 4],
  ],
  [
    ["Invert", 0.8],
    ["TranslateY", 0.0, 2],
  ],
  [
    ["ShearY", 0.7, 6],
    ["Solarize", 0.4, 8],
  ],
  [
    ["Invert", 0.6],
    ["Rotate", 0.8, 4],
  ],
  [
    ["ShearY", 0.3, 7],
    ["TranslateX", 0.9, 3],
  ],
  [
    ["ShearX", 0.1, 6],
    ["Invert", 0.6],
  ],
  [
    ["Solarize", 0.7, 2],
    ["TranslateY", 0.6, 7],
  ],
  [
    ["ShearY", 0.8, 4],
    ["Invert", 0.8],
  ],
  [
    ["ShearX", 0.7, 9],
    ["TranslateY", 0.8, 3],
  ],
  [
    ["ShearY", 0.8, 5],
    ["AutoContrast", 0.7],
  ],
  [
    ["ShearX", 0.7, 2],
    ["Invert", 0.1],
  ],
];
