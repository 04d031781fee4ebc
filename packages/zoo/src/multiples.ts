// Numbers of channels that suit the hardware: multiples of 8, or of the width of a group.

/** The multiple of `divisor` that is nearest to `channels`, but not more than a tenth below, and at least one (Sandler et al. 2018). */
export function nearestMultiple(channels: number, divisor = 8): number {
  const nearest = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor);
  return nearest < 0.9 * channels ? nearest + divisor : nearest;
}
