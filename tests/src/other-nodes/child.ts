// A process that trains small networks and tells what came of it: deterministic, the bits on one thread and on three; as usual, losses and state.
import { cpu } from "@stria/backend-cpu";
import { engineFeatures } from "../../../packages/backend-cpu/src/engine.ts";
import { bitsOf, train, trainedNets } from "../../test/training-run.ts";

/** What one network came to. */
export interface Told {
  readonly bits: readonly string[];
  readonly losses: readonly number[];
  readonly state: readonly (readonly number[])[];
}

export interface Answer {
  readonly relaxedMultiplyAdd: boolean;
  readonly nets: Readonly<Record<string, Told>>;
}

const nets: Record<string, Told> = {};
for (const [name, make] of Object.entries(trainedNets)) {
  const bits: string[] = [];
  for (const threads of [1, 3]) bits.push(bitsOf(await train(cpu({ threads, deterministic: true }), make)));
  const { losses, state } = await train(cpu({ threads: 1 }), make);
  nets[name] = { bits, losses, state: state.map((array) => [...array]) };
}
const answer: Answer = { relaxedMultiplyAdd: engineFeatures().relaxedMultiplyAdd, nets };
process.stdout.write(JSON.stringify(answer), () => process.exit(0));
