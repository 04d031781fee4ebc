"""The networks of the benchmark in PyTorch: a child process that is told by lines of JSON what to run, and answers with lines of JSON.

{"do": "train", "net": NAME, "file": FILE}      a training step, from the weights and the batch in a safetensors file: its first three losses
{"do": "predict", "net": NAME, "file": FILE}    a prediction: its first numbers
{"do": "run", "net": NAME, "threads": N, "times": N}   runs it so many times: milliseconds of all, by the clock and of the processor
"""
import json
import math
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    kinds = {"F32": torch.float32, "I32": torch.int32}
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        part = bytearray(data[8 + length + begin:8 + length + end])
        tensors[name] = torch.frombuffer(part, dtype=kinds[entry["dtype"]]).reshape(entry["shape"]).clone()
    return tensors


def conv(inputs, outputs, kernel, padding=0):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, padding=padding), nn.ReLU())


class ResidualBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.stride, self.added = stride, outputs - inputs

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.added:
            half = self.added // 2
            x = F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, half, self.added - half))
        return F.relu(x + y)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def resnet20():
    widths = [(16, 16, 1)] + [(16, 16, 1)] * 2 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
    blocks = [ResidualBlock(*width) for width in widths]
    first = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    return nn.Sequential(*first, *blocks, Mean(), nn.Linear(64, 10))


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm = nn.BatchNorm2d(inputs)
        self.conv = nn.Conv2d(inputs, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv(F.relu(self.norm(x)))], 1)


def densenet40():
    parts, channels = [nn.Conv2d(3, 16, 3, padding=1, bias=False)], 16
    for block in range(3):
        for _ in range(12):
            parts.append(DenseLayer(channels, 12))
            channels += 12
        parts += [nn.BatchNorm2d(channels), nn.ReLU()]
        if block < 2:
            parts += [nn.Conv2d(channels, channels, 1, bias=False), nn.AvgPool2d(2)]
    return nn.Sequential(*parts, Mean(), nn.Linear(channels, 10))


class UNet(nn.Module):
    def __init__(self, base):
        super().__init__()

        def double(inputs, outputs):
            return nn.Sequential(conv(inputs, outputs, 3, 1), conv(outputs, outputs, 3, 1))

        widths = [base, 2 * base, 4 * base, 8 * base]
        self.down = nn.ModuleList(double(i, o) for i, o in zip([1, *widths], widths))
        self.bottom = double(8 * base, 16 * base)
        ups = [nn.ModuleList([nn.ConvTranspose2d(2 * o, o, 2, 2), double(2 * o, o)]) for o in reversed(widths)]
        self.up = nn.ModuleList(ups)
        self.head = nn.Conv2d(base, 2, 1)

    def forward(self, x):
        kept = []
        for block in self.down:
            kept.append(block(x))
            x = F.max_pool2d(kept[-1], 2)
        x = self.bottom(x)
        for (larger, block), skip in zip(self.up, reversed(kept)):
            x = block(torch.cat([skip, larger(x)], 1))
        return self.head(x)


def lenet5():
    return nn.Sequential(
        conv(1, 6, 5), nn.MaxPool2d(2), conv(6, 16, 5), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )


def conv2432():
    return nn.Sequential(
        nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(24, 32, 3), nn.MaxPool2d(2), nn.ReLU(),
        nn.Flatten(), nn.Linear(800, 128), nn.ReLU(), nn.Linear(128, 10),
    )


def vggish():
    return nn.Sequential(
        conv(3, 64, 3, 1), conv(64, 64, 3, 1), nn.MaxPool2d(2), conv(64, 128, 3, 1), conv(128, 128, 3, 1),
        nn.MaxPool2d(2), conv(128, 256, 3, 1), conv(256, 256, 3, 1), Mean(), nn.Linear(256, 10),
    )


def torchvision_net(name):
    import torchvision

    options = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    return getattr(torchvision.models, name)(weights=None, **options)


own = {
    "lenet5": lenet5, "conv2432": conv2432, "resnet20": resnet20, "unet16_128": lambda: UNet(16), "vggish": vggish,
    "densenet40": densenet40, "unet": lambda: UNet(64),
}


def make(name):
    base = name.rsplit("_b", 1)[0] if name.rsplit("_b", 1)[-1].isdigit() else name
    return own[base]() if base in own else torchvision_net(base)


def load(net, tensors):
    """Parameters by name ("parameter NAME") where the names are the same, else by their order, which always is."""
    named = dict(net.named_parameters())
    if all(f"parameter {name}" in tensors for name in named):
        tensors = {f"parameter {name}": tensors[f"parameter {name}"] for name in named}
    given = [tensor for name, tensor in tensors.items() if name.startswith("parameter")]
    parameters = list(net.parameters())
    if len(given) != len(parameters):
        raise ValueError(f"{len(given)} parameters given, {len(parameters)} expected")
    with torch.no_grad():
        for parameter, value in zip(parameters, given):
            if parameter.shape != value.shape:
                raise ValueError(f"{tuple(value.shape)} given, {tuple(parameter.shape)} expected")
            parameter.copy_(value)


def training_step(name, tensors):
    net = make(name).train()
    load(net, tensors)
    x, y = tensors["x"], tensors["y"].long()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def prediction(name, tensors):
    net = make(name).eval()
    load(net, tensors)
    x = tensors["x"]

    def predict():
        with torch.inference_mode():
            return net(x)

    return predict


def micro(call):
    """One op on random numbers: [kind, sizes]."""
    kind, *sizes = call
    if kind == "gemm":
        m, k, n = sizes
        a, b = torch.rand(m, k), torch.rand(k, n)
        return lambda: a @ b
    if kind == "conv":
        n, c, h, w, o, kernel, stride, padding, groups = sizes
        x, weight, bias = torch.rand(n, c, h, w), torch.rand(o, c // groups, kernel, kernel), torch.rand(o)
        return lambda: F.conv2d(x, weight, bias, stride, padding, 1, groups)
    n, c, h, w = sizes
    x = torch.rand(n, c, h, w)
    if kind == "maxPool":
        return lambda: F.max_pool2d(x, 3, 2, 1)
    if kind == "normRelu":
        scale, shift = torch.rand(c), torch.rand(c)
        return lambda: F.relu(F.batch_norm(x, shift, scale, scale, shift))
    if kind == "softmax":
        flat = x.reshape(n, c)
        return lambda: F.softmax(flat, 1)
    if kind == "globalPool":
        return lambda: F.adaptive_avg_pool2d(x, 1)
    raise ValueError(kind)


runs = {}


def answer(request):
    do, name = request["do"], request["net"]
    if do == "train":
        runs.clear()
        runs[name] = training_step(name, read_safetensors(request["file"]))
        return {"losses": [runs[name]() for _ in range(3)]}
    if do == "predict":
        runs.clear()
        runs[name] = prediction(name, read_safetensors(request["file"]))
        return {"values": runs[name]().flatten()[:10].tolist()}
    if do == "micro":
        runs.clear()
        call = micro(request["call"])

        def without_gradients():
            with torch.inference_mode():
                return call()

        runs[name] = without_gradients
        without_gradients()
        return {}
    if do == "memory":
        with open("/proc/self/status") as file:
            return {"kilobytes": next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))}
    torch.set_num_threads(request["threads"])
    run = runs[name]
    start, used = time.perf_counter(), time.process_time()
    for _ in range(request["times"]):
        run()
    return {"wall": (time.perf_counter() - start) * 1000, "processor": (time.process_time() - used) * 1000}


if __name__ == "__main__":
    torch.manual_seed(1)
    torch.set_num_threads(1)
    print(json.dumps({"torch": torch.__version__, "vectors": torch.backends.cpu.get_cpu_capability()}), flush=True)
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
            reply = {key: [v if math.isfinite(v) else None for v in value] if isinstance(value, list) else value
                     for key, value in reply.items()}
        except Exception as error:  # told to who asked
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)
