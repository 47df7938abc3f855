#!/usr/bin/python3
"""PyTorch's side of the training benchmark: see protocol.ts and training_case.ts.

usage: training_torch_server.py lab|channels_last THREADS

lab             as the lab runs it: NCHW, a softmax before CrossEntropyLoss
channels_last   model and input in torch.channels_last, CrossEntropyLoss on the scores
"""

import json
import sys
import time

import torch
import torchvision
from torch import nn

sys.dont_write_bytecode = True
from torch_server import WEIGHT_SEED, build, draw_weights, pixels  # noqa: E402

CLASSES, FEATURES, LEARNING_RATE, DROP = 10, 1280, 1e-4, 0.2
PROBE_SIZE, PROBE_BATCH, PROBE_STEPS = 28, 8, 3


class Course:
    """A network in train mode with its optimizer and one batch."""

    def __init__(self, mode, size, batch):
        layout = torch.channels_last if mode == "channels_last" else torch.contiguous_format
        drawn = draw_weights(build("torchvision").state_dict(), WEIGHT_SEED)
        model = build("torchvision", drawn)
        model.classifier = nn.Sequential(nn.Dropout(DROP, inplace=True), nn.Linear(FEATURES, CLASSES))
        k, j = torch.meshgrid(torch.arange(CLASSES), torch.arange(FEATURES), indexing="ij")
        with torch.no_grad():
            model.classifier[1].weight.copy_(((k * 7 + j * 13) % 31 - 15) / 256)
            model.classifier[1].bias.zero_()
        self.model = model.to(memory_format=layout).train()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=LEARNING_RATE)
        self.softmax = nn.Softmax(dim=1) if mode == "lab" else nn.Identity()
        self.cost = nn.CrossEntropyLoss()
        self.images = pixels(size, batch).contiguous(memory_format=layout)
        self.labels = torch.arange(batch) % CLASSES

    def step(self):
        self.optimizer.zero_grad()
        cost = self.cost(self.softmax(self.model(self.images)), self.labels)
        cost.backward()
        self.optimizer.step()
        return cost.item()


def probe(mode):
    course = Course(mode, PROBE_SIZE, PROBE_BATCH)
    course.softmax = nn.Identity()  # the lab's cost is another one: all else is to be the same
    for module in course.model.modules():
        if isinstance(module, (nn.Dropout, torchvision.ops.StochasticDepth)):
            module.p = 0.0
    losses = [course.step() for _ in range(PROBE_STEPS)]
    norm = course.model.features[8][1]
    return losses + norm.running_mean[:3].tolist() + norm.running_var[:2].tolist()


def serve(mode, threads):
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}"
    print(json.dumps({"ready": versions}), flush=True)
    cases = {}
    for line in sys.stdin:
        verb, *words = line.split()
        if verb == "quit":
            return
        size, batch, reps = map(int, words)
        if (size, batch) not in cases:
            cases[size, batch] = Course(mode, size, batch), probe(mode)
        course, proof = cases[size, batch]
        ms = []
        for _ in range(reps):
            start = time.perf_counter()
            course.step()
            ms.append((time.perf_counter() - start) * 1e3)
        print(json.dumps({"ms": ms, "probe": proof}), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
