#!/usr/bin/python3
"""The lab's own script (../shared/lab/lab.txt), what `deno task bench --only lab` puts beside `graft lab`.

usage: lab.py DATA.csv WEIGHTS.pth [--epochs 100] [--threads N] [--seed 7]

The lab's statements in the lab's order: the frozen phase is its third listing, which tracks the validation cost, then
its accuracy loop; everything unfrozen is its second, then both accuracy loops. What differs:

- weights come from a file (the lab downloads them), epochs can be fewer, plots are left out;
- the new layer is drawn after `torch.manual_seed`, so that a run can be repeated (the lab seeds after it);
- the accuracy on the test pictures is measured after the frozen phase, too.

`--threads`: what `torch.set_num_threads` is told; without it PyTorch decides, as in the lab. The last line is JSON.
"""

import argparse
import json
import sys
import time

import numpy as np
import pandas as pd
import torch
import torchvision
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

BATCH = 100
VALIDATION_SCALE = 9  # 9 batches to train on, 1 to validate with

parser = argparse.ArgumentParser()
parser.add_argument("data")
parser.add_argument("weights")
parser.add_argument("--epochs", type=int, default=100)
parser.add_argument("--threads", type=int)
parser.add_argument("--seed", type=int, default=7)
args = parser.parse_args()
if args.threads is not None:
    torch.set_num_threads(args.threads)


def loader(pixels, labels):
    """[n, 784] raw pixels as [n, 3, 28, 28] in the order that they have."""
    tensor = torch.from_numpy(pixels.to_numpy().reshape(len(labels), 1, 28, 28)).expand(-1, 3, -1, -1)
    target = torch.Tensor(labels.to_numpy())
    return DataLoader(TensorDataset(tensor.type(torch.FloatTensor), target.type(torch.LongTensor)), batch_size=BATCH)


def network():
    """torchvision's, with the lab's layer in place of dropout and classifier; never put into eval mode."""
    net = torchvision.models.efficientnet_b0()
    missing, unexpected = net.load_state_dict(torch.load(args.weights), strict=False)
    absent = [name for name in missing if not name.startswith("classifier.")]
    assert not absent and not unexpected, f"{args.weights} does not fit: {absent} {unexpected}"
    for param in net.features.parameters():
        param.requires_grad = False
    torch.manual_seed(args.seed)
    net.classifier = nn.Sequential(nn.Linear(in_features=1280, out_features=10, bias=True))
    torch.manual_seed(args.seed)
    return net


def train(net, lrate, validate):
    """Cost and validation cost of each epoch, and its seconds."""
    cost_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=lrate)
    track_cost, track_val_cost, seconds = np.zeros(args.epochs), np.zeros(args.epochs), []
    for epoch in range(args.epochs):
        start = time.perf_counter()
        cur_cost = 0.0
        val_cur_cost = 0.0
        for inputs, labels in train_loader:
            optimizer.zero_grad()
            outputs = net(inputs)
            cost = cost_fn(nn.Softmax(dim=1)(outputs), labels)
            cost.backward()
            optimizer.step()
            cur_cost += cost.item()
        if validate:
            for inputs, labels in test_loader:
                val_outputs = net(inputs)
                val_cost = cost_fn(nn.Softmax(dim=1)(val_outputs), labels)
                val_cur_cost += val_cost.item()
        track_cost[epoch] = cur_cost
        track_val_cost[epoch] = VALIDATION_SCALE * val_cur_cost
        seconds.append(time.perf_counter() - start)
        print(f"Epoch: {epoch} Cost: {cur_cost} Seconds: {seconds[-1]:.2f}", file=sys.stderr, flush=True)
    return {
        "costs": track_cost.tolist(),
        "validationCosts": track_val_cost.tolist() if validate else None,
        "epochSeconds": seconds,
    }


def accuracy(net, batches):
    correct = 0
    total = 0
    with torch.no_grad():
        for images, labels in batches:
            outputs = net(images)
            _, predicted = torch.max(outputs.data, 1)
            total += labels.size(0)
            correct += (predicted == labels).sum().item()
    return correct / total


fash_mnist = pd.read_csv(args.data)
train_fash, test_fash = train_test_split(fash_mnist, test_size=0.1, random_state=5)
train_loader = loader(train_fash.drop(["y"], axis=1), train_fash["y"])
test_loader = loader(test_fash.drop(["y"], axis=1), test_fash["y"])

net = network()
frozen = train(net, 0.1, validate=True)
frozen |= {"train": accuracy(net, train_loader), "test": accuracy(net, test_loader)}

for param in net.features.parameters():
    param.requires_grad = True
fine_tuned = train(net, 0.00001, validate=False)
fine_tuned |= {"train": accuracy(net, train_loader), "test": accuracy(net, test_loader)}

versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}"
print(json.dumps({
    "versions": versions,
    "threads": torch.get_num_threads(),
    "frozen": frozen,
    "fineTuned": fine_tuned,
}))
