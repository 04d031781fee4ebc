// The recipes that are timed: those that CIFAR's residual networks and ImageNet's networks are trained with.
import {
  type Canvas,
  type ColorJitterParameters,
  type Place,
  apply,
  colorJitter,
  compose,
  horizontalFlip,
  image,
  imageNetStatistics,
  normalise,
  parametersOf,
  randomCrop,
  randomResizedCrop,
} from "@stria/augmentation";

/** A window of the image, in pixels; CIFAR's may reach beyond it. */
interface Window extends Canvas {
  readonly top: number;
  readonly left: number;
}

/** What was drawn for an image: the same for every contestant. */
export interface Drawn {
  readonly window: Window;
  readonly flip: boolean;
  /** In order; none in CIFAR's recipe. */
  readonly jitter: ColorJitterParameters;
}

export interface Recipe {
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** What an image becomes. */
  readonly made: Canvas;
  readonly statistics: { readonly mean: readonly number[]; readonly std: readonly number[] };
  /** Images that are timed at once. */
  readonly count: number;
  /** Images that slower peers are timed with. */
  readonly few: number;
  drawn(place: Place): Drawn;
  /** This library's way, drawing included. */
  run(bytes: Uint8Array, place: Place): void;
}

const cifarStatistics = { mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] };
const small = { height: 32, width: 32 };
const cifarTransform = compose([randomCrop(32, { padding: 4 }), horizontalFlip(), normalise(cifarStatistics)]);

const photograph = { height: 375, width: 500 };
const imageNetTransform = compose([
  randomResizedCrop(224),
  horizontalFlip(),
  colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
  normalise(imageNetStatistics),
]);

export const recipes: readonly Recipe[] = [
  {
    name: "cifar",
    ...small,
    made: small,
    statistics: cifarStatistics,
    count: 1000,
    few: 100,
    drawn(place) {
      const [window, { flip }] = parametersOf(cifarTransform, small, place);
      return { window, flip, jitter: [] };
    },
    run(bytes, place) {
      apply(cifarTransform, { x: image(bytes, [3, 32, 32]) }, parametersOf(cifarTransform, small, place));
    },
  },
  {
    name: "imagenet",
    ...photograph,
    made: { height: 224, width: 224 },
    statistics: imageNetStatistics,
    count: 40,
    few: 3,
    drawn(place) {
      const [window, { flip }, jitter] = parametersOf(imageNetTransform, photograph, place);
      return { window, flip, jitter: jitter ?? [] };
    },
    run(bytes, place) {
      const parameters = parametersOf(imageNetTransform, photograph, place);
      apply(imageNetTransform, { x: image(bytes, [3, 375, 500]) }, parameters);
    },
  },
];
