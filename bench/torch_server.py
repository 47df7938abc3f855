#!/usr/bin/python3
"""PyTorch's side of the benchmark (Debian's python3-torch): see protocol.ts for what it reads and prints.

usage: torch_server.py nchw|channels_last|folded THREADS
       torch_server.py export FILE      write the same network as ONNX, for onnxruntime

nchw            as torchvision gives it: eval mode, inference_mode, features + avgpool
channels_last   the same with model and input in torch.channels_last
folded          channels_last, batch norm folded by torch.fx: what a careful user can still gain
                (TorchScript's freeze + optimize_for_inference is slower than channels_last here: left out)
"""

import json
import pathlib
import sys
import time

import numpy
import torch
import torchvision
from torch.fx.experimental.optimization import fuse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests" / "fixtures"))
sys.dont_write_bytecode = True
from make_forward import WEIGHT_SEED, build, draw_weights  # noqa: E402


def random_b0():
    """features + avgpool, with the weights that every contender uses."""
    model = build("torchvision", draw_weights(build("torchvision").state_dict(), WEIGHT_SEED))
    return torch.nn.Sequential(model.features, model.avgpool, torch.nn.Flatten()).eval()


def pixels(size, batch):
    """The formula of protocol.ts, as [batch, 3, size, size]."""
    n, c, y, x = numpy.indices((batch, 3, size, size), dtype=numpy.int32)
    value = (y * (3 + n % 5) + x * (5 + 2 * (n % 3)) + 40 * c + n) % 256
    return torch.from_numpy((value / 64 - 2).astype(numpy.float32))


def export(file):
    """Batch, height and width stay free; TorchScript's exporter folds batch norm in eval mode."""
    axes = {"x": {0: "batch", 2: "height", 3: "width"}, "features": {0: "batch"}}
    torch.onnx.export(
        random_b0(), pixels(64, 2), file,
        input_names=["x"], output_names=["features"], dynamic_axes=axes, opset_version=16,
    )


def serve(mode, threads):
    torch.set_num_threads(threads)
    layout = torch.contiguous_format if mode == "nchw" else torch.channels_last
    model = fuse(random_b0()) if mode == "folded" else random_b0()
    model = model.to(memory_format=layout)
    inputs = {}
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}"
    print(json.dumps({"ready": versions}), flush=True)
    for line in sys.stdin:
        verb, *words = line.split()
        if verb == "quit":
            return
        size, batch, reps = map(int, words)
        if (size, batch) not in inputs:
            inputs[size, batch] = pixels(size, batch).contiguous(memory_format=layout)
        x = inputs[size, batch]
        ms = []
        with torch.inference_mode():
            for _ in range(reps):
                start = time.perf_counter()
                y = model(x)
                ms.append((time.perf_counter() - start) * 1e3)
        print(json.dumps({"ms": ms, "probe": y[0, :8].tolist()}), flush=True)


if __name__ == "__main__":
    if sys.argv[1] == "export":
        export(sys.argv[2])
    else:
        serve(sys.argv[1], int(sys.argv[2]))
