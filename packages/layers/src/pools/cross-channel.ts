// Pooling across channels (Goodfellow et al. 2013).
import { Maxout } from "../activations/set-layers.ts";

/** A {@link Maxout}: the largest of every `pieces` neighbouring channels, [N, C pieces, ...] -> [N, C, ...]. */
export function crossChannelPool(pieces: number): Maxout {
  return new Maxout(pieces);
}
