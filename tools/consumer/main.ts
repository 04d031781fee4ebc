// What a user writes who installed @stria/core, @stria/layers and @stria/backend-cpu, and nothing else. It is
// type-checked against the installed packages, then run by Node and by a page that Vite built. Its last line of output
// has to be the same everywhere: tools/src/consumer.ts says which.
import { cpu } from "@stria/backend-cpu";
import { evaluating, namedCells, tensor, training, useBackend, valueAndGrad } from "@stria/core";
import { batchNorm2d, conv2d, crossEntropy, dense, flatten, maxPool2d, sequential } from "@stria/layers";

const backend = await useBackend(cpu({ threads: 1 }));

// Pictures of one line each: class 0 lies, class 1 stands.
const places = [0, 1, 2, 3, 4, 5];
const lying = places.map((row) => places.map((y) => places.map(() => (y === row ? 1 : 0))));
const standing = places.map((column) => places.map(() => places.map((x) => (x === column ? 1 : 0))));
const pictures = tensor([...lying, ...standing].map((picture) => [picture])); // [12, 1, 6, 6]
const labels = tensor([...lying.map(() => 0), ...standing.map(() => 1)], { dtype: "int32" });

const model = sequential([conv2d(4, 3, { activation: "relu" }), batchNorm2d(), maxPool2d(2), flatten(), dense(2)], {
  inputShape: [1, 6, 6],
});
const parameters = namedCells(model);

const losses: number[] = [];
for (let step = 0; step < 30; step++) {
  const { value, grads } = training(() => valueAndGrad(model, (net) => crossEntropy(net.forward(pictures), labels)));
  for (const [path, gradient] of grads) {
    const parameter = parameters.get(path);
    parameter?.set(parameter.value.sub(gradient.mul(0.2)));
  }
  losses.push(await value.item());
}
const answers = await evaluating(() => model.forward(pictures))
  .argMax(1)
  .array();
backend.dispose();

console.log(`loss ${losses[0]?.toFixed(3)} -> ${losses.at(-1)?.toFixed(3)}, answers ${String(answers)}`);
const learnt = (losses.at(-1) ?? 1) < 0.1 && String(answers) === "0,0,0,0,0,0,1,1,1,1,1,1";
console.log(learnt ? "result: ok" : "result: it has not learnt");
