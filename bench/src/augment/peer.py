"""torchvision's transforms on uint8 tensors with one thread: for each line `<recipe> <images>` the seconds that they took."""

import sys
import time

import torch
from torchvision.transforms import v2

torch.set_num_threads(1)
floats = [v2.ToDtype(torch.float32, scale=True)]
recipes = {
    "cifar": (
        v2.Compose(
            [v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip(), *floats, v2.Normalize([0.49, 0.48, 0.45], [0.25, 0.24, 0.26])]
        ),
        (3, 32, 32),
    ),
    "imagenet": (
        v2.Compose(
            [
                v2.RandomResizedCrop(224, antialias=True),
                v2.RandomHorizontalFlip(),
                v2.ColorJitter(0.4, 0.4, 0.4, 0.1),
                *floats,
                v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
            ]
        ),
        (3, 375, 500),
    ),
}
print("ready", flush=True)
for line in sys.stdin:
    name, count = line.split()
    recipe, shape = recipes[name]
    image = torch.randint(0, 256, shape, dtype=torch.uint8)
    start = time.perf_counter()
    for _ in range(int(count)):
        recipe(image)
    print(time.perf_counter() - start, flush=True)
