// What cannot be: each is refused with the transform's name and a remedy.
import {
  addNoise,
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustHue,
  adjustSaturation,
  affineWarp,
  apply,
  augMix,
  autoAugment,
  averageMaps,
  boxBlur,
  centreCrop,
  claheImage,
  coarseDropout,
  colorJitter,
  colourVariation,
  copyPaste,
  cutmix,
  cutmixWindow,
  cutout,
  dropColours,
  elasticDisplacement,
  elasticTransform,
  elasticWarp,
  emboss,
  eraseImage,
  fiveCrop,
  gaussianBlur,
  gaussianBlurImage,
  gaussianNoise,
  greyImage,
  gridDistortion,
  gridMask,
  gridWarp,
  image,
  jpegArtefacts,
  jpegImage,
  localWarp,
  magnitudesOf,
  mask,
  medianBlurImage,
  mixLabels,
  mixup,
  mosaic,
  motionBlurImage,
  normalise,
  normaliseImage,
  oneOf,
  pad,
  pcaColorShift,
  permuteChannels,
  perspectiveWarp,
  posterize,
  randAugment,
  randomAffine,
  randomChannelPermutation,
  randomColorDrop,
  randomErasing,
  randomGamma,
  randomInvert,
  randomLocalWarp,
  randomPerspective,
  randomPosterize,
  randomQuarterTurn,
  randomResizedCrop,
  randomRotation,
  randomShorterSide,
  randomSolarize,
  resize,
  resizeBatch,
  resizeImage,
  resizeMask,
  resizeWindow,
  rotationWarp,
  saltAndPepper,
  saltAndPepperNoise,
  scaleJitter,
  shiftChannels,
  shorterSide,
  sobelImage,
  solarize,
  sometimes,
  testTimeViews,
  trivialAugment,
  turnImage,
  verticalFlip,
  warpBatch,
  warpImage,
  whiten,
  zcaWhitening,
} from "@stria/augmentation";
import { StriaError, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await useBackend(reference());
});

const small = image(new Uint8Array(3 * 4 * 5), [3, 4, 5]);
const grey = image(new Float32Array(20), [1, 4, 5]);
const two = image(new Uint8Array(40), [2, 4, 5]);
const canvas = { height: 4, width: 5 };
const scene = {
  image: small,
  instances: mask(new Int32Array(20), [4, 5]),
  boxes: { kind: "boxes", values: new Float32Array(0), labels: new Int32Array(0) },
} as const;
const square = [
  [0, 0],
  [5, 0],
  [5, 4],
  [0, 4],
] as const;
const crossed = [
  [0, 0],
  [5, 4],
  [5, 0],
  [0, 4],
] as const;
/** What JavaScript may pass. */
const wrong = (value: unknown): never => value as never;

describe("the makers of transforms refuse", () => {
  it.each<readonly [string, () => unknown]>([
    ["probability is 1.5", () => randomInvert({ probability: 1.5 })],
    ["probability is NaN", () => randomPerspective({ probability: Number.NaN })],
    ["sometimes: probability is -1", () => sometimes(verticalFlip(), -1)],
    ["oneOf: there is nothing to choose from", () => oneOf([])],
    ['randomRotation: interpolation is "cubic"', () => randomRotation(9, { interpolation: wrong("cubic") })],
    ['resize: interpolation is "lanczos"', () => resize(9, { interpolation: wrong("lanczos") })],
    ['randomResizedCrop: interpolation is "area"', () => randomResizedCrop(9, { interpolation: wrong("area") })],
    ["randomRotation: degrees is [3, -3]", () => randomRotation([3, -3])],
    ["randomAffine: scale is 0", () => randomAffine({ scale: [0, 1] })],
    ["randomAffine: translate is [2, 0]", () => randomAffine({ translate: [2, 0] })],
    ["randomAffine: shear is [-90, 90]", () => randomAffine({ shear: 90 })],
    ["resize: the size is 0x3", () => resize([0, 3])],
    ["resize: maxSize is 0", () => resize(5, { maxSize: 0 })],
    ["randomResizedCrop: the size is 2.5x2.5", () => randomResizedCrop(2.5)],
    ["randomResizedCrop: scale is [0, 2]", () => randomResizedCrop(2, { scale: [0, 2] })],
    ["randomResizedCrop: ratio is [0, 1]", () => randomResizedCrop(2, { ratio: [0, 1] })],
    ["randomShorterSide: sides is [1.5, 3]", () => randomShorterSide([1.5, 3])],
    ["scaleJitter: the size is -1x-1", () => scaleJitter(-1)],
    ["centreCrop: the window is 0x0", () => centreCrop(0)],
    ["pad: the sides are -1, -1, -1, -1", () => pad(-1)],
    ['pad: border is "mirror"', () => pad(1, { border: wrong("mirror") })],
    ["randomQuarterTurn: turns is []", () => randomQuarterTurn({ turns: [] })],
    ["randomPerspective: distortionScale is 1", () => randomPerspective({ distortionScale: 1 })],
    ["elastic: sigma is 0", () => elasticTransform({ sigma: 0 })],
    ["elastic: alpha is -1", () => elasticTransform({ alpha: [1, -1] })],
    ["gridDistortion: distortLimit is 1", () => gridDistortion({ distortLimit: 1 })],
    ["gridDistortion: numSteps is 0", () => gridDistortion({ numSteps: 0 })],
    ["randomLocalWarp: strength is 1", () => randomLocalWarp({ strength: 1 })],
    ["colorJitter: brightness is -1", () => colorJitter({ brightness: -1 })],
    ["colorJitter: contrast is [-1, 1]", () => colorJitter({ contrast: [-1, 1] })],
    ["colorJitter: hue is [-0.6, 0.6]", () => colorJitter({ hue: 0.6 })],
    ["randomGamma: gamma is [0, 1]", () => randomGamma({ gamma: [0, 1] })],
    ["randomPosterize: bits is 9", () => randomPosterize({ bits: 9 })],
    ["randomPosterize: bits is [1.5, 2]", () => randomPosterize({ bits: [1.5, 2] })],
    ["randomSolarize: threshold is 128", () => randomSolarize({ threshold: 128 })],
    ["randomChannelPermutation: channels is 0", () => randomChannelPermutation({ channels: 0 })],
    ["randomColorDrop: channels is 1.5", () => randomColorDrop({ channels: 1.5 })],
    ["pcaColorShift: sigma is -1", () => pcaColorShift({ sigma: -1 })],
    ["gaussianBlur: kernelSize is 4", () => gaussianBlur(4)],
    ["gaussianBlur: sigma is 0", () => gaussianBlur(3, { sigma: 0 })],
    ["boxBlur: size is 2", () => boxBlur([2, 5])],
    ["emboss: alpha is 2", () => emboss({ alpha: 2 })],
    ["gaussianNoise: sigma is -1", () => gaussianNoise({ sigma: -1 })],
    ["saltAndPepperNoise: amount is 2", () => saltAndPepperNoise({ amount: 2 })],
    ["randomErasing: scale is [0, 2]", () => randomErasing({ scale: [0, 2] })],
    ['randomErasing: value is "noise"', () => randomErasing({ value: wrong("noise") })],
    ["cutout: length is 0", () => cutout(0)],
    ["coarseDropout: holes is -1", () => coarseDropout({ holes: -1 })],
    ["gridMask: unit is 1", () => gridMask({ unit: 1 })],
    ["gridMask: ratio is 2", () => gridMask({ ratio: 2 })],
    ["jpegArtefacts: quality is 0", () => jpegArtefacts({ quality: 0 })],
    ["normalise: std has 0", () => normalise({ mean: [0], std: [0] })],
    ["normalise: mean is [0, 0] and std [1]", () => normalise({ mean: [0, 0], std: [1] })],
    ["randAugment: magnitude is 31", () => randAugment({ magnitude: 31 })],
    ["randAugment: numOps is -1", () => randAugment({ numOps: -1 })],
    ["trivialAugment: numMagnitudeBins is 1", () => trivialAugment({ numMagnitudeBins: 1 })],
    ['autoAugment: there is no policy "coco"', () => autoAugment({ policy: wrong("coco") })],
    ["autoAugment: probability is 2", () => autoAugment({ policy: [[["Invert", 2]]] })],
    ["autoAugment: the step is 10", () => autoAugment({ policy: [[["Rotate", 1, 10]]] })],
    ['autoAugment: there is no operation "Zoom"', () => autoAugment({ policy: wrong([[["Zoom", 1]]]) })],
    ["autoAugment: the policy is empty", () => autoAugment({ policy: [] })],
    ["augMix: severity is 11", () => augMix({ severity: 11 })],
    ["augMix: mixtureWidth is 0", () => augMix({ mixtureWidth: 0 })],
    ["augMix: alpha is 0", () => augMix({ alpha: 0 })],
    ["randAugment: 1 magnitudes", () => magnitudesOf("randAugment", "Rotate", 1, canvas)],
    ["mixup: alpha is 0", () => mixup({ alpha: 0 })],
    ["cutmix: alpha is Infinity", () => cutmix({ alpha: Infinity })],
    ["mosaic: centre is [0, 2]", () => mosaic(8, { centre: [0, 2] })],
    ["mosaic: the window is 0x0", () => mosaic(0)],
    ["testTimeViews: a scale is 0", () => testTimeViews(canvas, { scales: [0] })],
  ])("%s", (message, make) => {
    expect(make).toThrow(StriaError);
    expect(make).toThrow(message);
    expect(make).toThrow("Remedy: ");
  });
});

describe("the functions refuse", () => {
  it.each<readonly [string, () => unknown]>([
    ["brightness: the factor is -1", () => adjustBrightness(small, -1)],
    ["contrast: the image has 2 channels", () => adjustContrast(two, 1)],
    ["saturation: the image has 2 channels", () => adjustSaturation(two, 1)],
    ["hue: the share is 0.7", () => adjustHue(small, 0.7)],
    ["hue: the image has 2 channels", () => adjustHue(two, 0.1)],
    ["gamma: gamma is -1", () => adjustGamma(small, -1)],
    ["gamma: gain is NaN", () => adjustGamma(small, 1, Number.NaN)],
    ["posterize: bits is 9", () => posterize(small, 9)],
    ["solarize: the threshold is 2", () => solarize(grey, 2)],
    ["grey: the image has 2 channels", () => greyImage(two)],
    ["permuteChannels: [0, 1, 1] is no order of 3 channels", () => permuteChannels(small, [0, 1, 1])],
    ["dropColours: there is no channel 3 of 3", () => dropColours(small, 3)],
    ["dropColours: 1 numbers of noise for 60 values", () => dropColours(small, 1, new Float32Array(1))],
    ["shiftChannels: 1 numbers for 3 channels", () => shiftChannels(small, [1])],
    ["clahe: clipLimit is 0", () => claheImage(small, { clipLimit: 0 })],
    ["clahe: tileGridSize is [0, 1]", () => claheImage(small, { clipLimit: 1 }, [0, 1])],
    ["affine: scale is 0", () => affineWarp(canvas, { scale: 0 })],
    ["affine: angle is NaN", () => rotationWarp(canvas, { angle: Number.NaN })],
    ["affine: the map's determinant", () => affineWarp(canvas, { scale: 1e-200 })],
    ["perspective: the endpoints", () => perspectiveWarp(canvas, { startpoints: square, endpoints: crossed })],
    ["elastic: 3 numbers are no noise", () => elasticDisplacement(new Float32Array(3), canvas, { alpha: 1, sigma: 1 })],
    [
      "elastic: a kernel that reaches 4 rows and 4 columns is too large for an image of 4x5",
      () => elasticDisplacement(new Float32Array(40), canvas, { alpha: 1, sigma: 1 }),
    ],
    ["elastic: 3 numbers are no displacements", () => elasticWarp(canvas, new Float32Array(3))],
    ["gridDistortion: a step is -1", () => gridWarp(canvas, { stepsX: [1, -1], stepsY: [1, 1] })],
    [
      "gridDistortion: 9 steps along a side of 5 pixels",
      () => gridWarp(canvas, { stepsX: Array(9).fill(1), stepsY: [1, 1] }),
    ],
    [
      "localWarp: a pull by 2 pixels within a radius of 3",
      () => localWarp(canvas, { centre: [1, 1], radius: 3, shift: [2, 0] }),
    ],
    [
      'warp: interpolation is "bicubic"',
      () => warpImage(small, rotationWarp(canvas, { angle: 3 }), { interpolation: wrong("bicubic") }),
    ],
    [
      "warp: fill is 0.5, of values that are Uint8Array",
      () => warpImage(small, rotationWarp(canvas, { angle: 3 }), { fill: 0.5 }),
    ],
    ["turn: turns is 0.5", () => turnImage(small, 0.5)],
    ["resize: the size is 0x5", () => resizeImage(small, { height: 0, width: 5 })],
    ["resize: the size is 3x0", () => shorterSide(3, { height: 1000, width: 1 }, 3)],
    [
      "resize: a window of 4x5 at row 1, column 0 reaches beyond",
      () => resizeWindow(small, { top: 1, left: 0, ...canvas }, canvas),
    ],
    [
      "resize: a window of 9x5",
      () => resizeMask(mask(new Uint8Array(20), [4, 5]), canvas, { top: 0, left: 0, height: 9, width: 5 }),
    ],
    ["fiveWindows: windows of 9x9 do not fit into 4x5", () => fiveCrop(small, 9)],
    ["gaussianBlur: the kernel's size is 2", () => gaussianBlurImage(small, { kernelSize: [2, 3], sigma: [1, 1] })],
    [
      "a kernel that reaches 1 rows and 5 columns is too large",
      () => gaussianBlurImage(small, { kernelSize: [11, 3], sigma: [1, 1] }),
    ],
    ["medianBlur: size is 2", () => medianBlurImage(small, 2)],
    ["motionBlur: direction is 2", () => motionBlurImage(small, { size: 3, angle: 0, direction: 2 })],
    ["sobel: a kernel that reaches 1 rows", () => sobelImage(image(new Float32Array(4), [1, 1, 4]))],
    ["addNoise: 3 numbers of noise where 60 are wanted", () => addNoise(small, new Float32Array(3), { sigma: 1 })],
    ["saltAndPepper: 3 numbers of noise where 20 are wanted", () => saltAndPepper(small, new Float32Array(3), 0.1)],
    [
      "erase: 5 values for a window of 2x2 and 3 channels",
      () => eraseImage(small, { top: 0, left: 0, height: 2, width: 2 }, new Float32Array(5)),
    ],
    ["erase: fill is 300", () => eraseImage(small, { top: 0, left: 0, height: 2, width: 2 }, 300)],
    ["jpeg: quality is 101", () => jpegImage(small, 101)],
    ["jpeg: the image has 2 channels", () => jpegImage(two, 50)],
    ["normalise: 1 means for 3 channels", () => normaliseImage(small, { mean: [0], std: [1] })],
    ["zca: 5 numbers are no samples of 2 features", () => zcaWhitening(new Float32Array(5), 2)],
    ["zca: epsilon is -1", () => zcaWhitening(new Float32Array(4), 2, -1)],
    [
      "zca: 3 numbers are no samples of 2 features",
      () => whiten(new Float32Array(3), zcaWhitening(new Float32Array(4), 2)),
    ],
    ["colourVariation: images of different numbers of channels", () => colourVariation([small, two])],
    ["cutmix: lambda is 2", () => cutmixWindow(2, 0, 0, canvas)],
    ["mixLabels: label 3 is none of 3 classes", () => mixLabels([3], 3, 1)],
    ["copyPaste: scenes of [3, 4, 5] and [1, 4, 5]", () => copyPaste(scene, { ...scene, image: grey }, { chosen: [] })],
    ["averageMaps: maps of different sizes, or none", () => averageMaps([])],
    ["resizeBatch: a batch of shape [3, 4]", () => resizeBatch(zeros([3, 4]), canvas)],
    [
      "warpBatch: a warp for 4x5 and images of 2x2",
      () => warpBatch(zeros([1, 1, 2, 2]), rotationWarp(canvas, { angle: 3 })),
    ],
  ])("%s", (message, make) => {
    expect(make).toThrow(StriaError);
    expect(make).toThrow(message);
    expect(make).toThrow("Remedy: ");
  });

  it("a choice that was not drawn, a window of another image, samples of different parts", () => {
    expect(() => apply(oneOf([verticalFlip()]), { small }, { index: 1, parameters: {} })).toThrow(
      "there is no transform 1 of 1",
    );
    const points = { kind: "keypoints", values: new Float32Array(2) } as const;
    const window = { top: 3, left: 0, height: 4, width: 4 };
    expect(() => apply(randomResizedCrop(4), { small }, window)).toThrow("reaches beyond an image of 4x5");
    expect(() => apply(randomResizedCrop(4), { points }, window, canvas)).toThrow(
      "the window reaches beyond the image",
    );
    const [one, other] = [{ small }, { small: mask(new Uint8Array(20), [4, 5]) }];
    expect(() => mosaic(8).apply<typeof one>([one, one, one, wrong(other)], { row: 4, column: 4 })).toThrow(
      "part small is not of one kind in all samples",
    );
  });
});
