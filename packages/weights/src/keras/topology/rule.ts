// What is known of a class of layers without computing anything: the shape it gives, and its variables.
import type { Shape } from "@stria/core";
import type { Settings } from "./settings.ts";
import type { KerasShape } from "./topology.ts";

/** A variable of a layer. */
export interface KerasVariable {
  /** Keras 3's name. */
  readonly name: string;
  readonly shape: Shape;
  /** What older files call it. */
  readonly formerly?: readonly string[];
}

/** The rule of one class. */
export interface LayerRule {
  /** Whether it is given several tensors. Default false. */
  readonly joins?: boolean;
  /** The output's shape. @throws FormatError where the inputs do not fit */
  shape(settings: Settings, input: KerasShape, inputs: readonly KerasShape[]): KerasShape;
  /** Its variables in Keras' order; none where there is no such function. @throws FormatError where a needed length is open */
  variables?(settings: Settings, input: KerasShape): readonly KerasVariable[];
}

/** A length that variables depend on. @throws FormatError where the config leaves it open */
export function known(settings: Settings, length: number | null | undefined, what: string): number {
  return length ?? settings.fail(`needs the length of ${what}, which the config leaves open`);
}

/** The shape, of `rank` axes without the batch. @throws FormatError for another rank */
export function ofRank(settings: Settings, shape: KerasShape, rank: number): KerasShape {
  if (shape.length === rank) return shape;
  return settings.fail(`is given [${shape.join(", ")}] for each example, and takes ${rank} axes`);
}

/** The lengths of the spatial axes and the channels of an image, wherever the channels are. */
export function imageOf(
  settings: Settings,
  shape: KerasShape,
  spatial: number,
): { readonly lengths: KerasShape; readonly channels: number | null } {
  ofRank(settings, shape, spatial + 1);
  const [channels = null] = settings.channelsLast() ? shape.slice(-1) : shape;
  return { lengths: settings.channelsLast() ? shape.slice(0, -1) : shape.slice(1), channels };
}

/** An image's shape with the channels where the layer has them. */
export function image(settings: Settings, lengths: KerasShape, channels: number | null): KerasShape {
  return settings.channelsLast() ? [...lengths, channels] : [channels, ...lengths];
}
