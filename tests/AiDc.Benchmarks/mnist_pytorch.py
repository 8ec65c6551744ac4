"""The MNIST CNN of aidc-trainer in Debian's python3-torch: the other side of `make bench NAME=training`.

Same layers, loss, optimizer, batch size, data in memory, number of threads. Prints one JSON object.
"""
import argparse
import gzip
import json
import os
import struct
import time

import torch
from torch import nn


def read_idx(folder, name):
    path = os.path.join(folder, name)
    with (gzip.open(path + ".gz") if os.path.exists(path + ".gz") else open(path, "rb")) as file:
        data = file.read()
    dimensions = data[3]
    shape = struct.unpack(">" + "I" * dimensions, data[4:4 + 4 * dimensions])
    return torch.frombuffer(bytearray(data[4 + 4 * dimensions:]), dtype=torch.uint8).reshape(shape)


parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--batch-size", type=int, default=64)
parser.add_argument("--threads", type=int, default=2)
parser.add_argument("--warmup-steps", type=int, default=20)
parser.add_argument("--steps", type=int, default=300)
options = parser.parse_args()

torch.manual_seed(0)
torch.set_num_threads(options.threads)
images = read_idx(options.data, "train-images-idx3-ubyte")
labels = read_idx(options.data, "train-labels-idx1-ubyte").long()
pixels = images.float().div_(255)
mean, deviation = pixels.mean(), pixels.std()
# Normalised once, before the clock starts: in the trainer's figure this work is inside the step.
pixels = pixels.sub_(mean).div_(deviation).unsqueeze(1)

model = nn.Sequential(
    nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(64 * 7 * 7, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
criterion = nn.CrossEntropyLoss()
order = torch.randperm(len(labels))


def train(first, steps):
    loss = None
    for step in range(first, first + steps):
        at = (step * options.batch_size) % (len(labels) - options.batch_size)
        batch = order[at:at + options.batch_size]
        optimizer.zero_grad()
        loss = criterion(model(pixels[batch]), labels[batch])
        loss.backward()
        optimizer.step()
    return loss.item()


train(0, options.warmup_steps)
start = time.perf_counter()
loss = train(options.warmup_steps, options.steps)
seconds = time.perf_counter() - start
print(json.dumps({
    "samplesPerSecond": options.steps * options.batch_size / seconds, "loss": loss,
    "torch": torch.__version__, "threads": torch.get_num_threads()}))
