#!/usr/bin/env python3
"""Writes a model of PyTorch as the files that an InferenceService serves.

    export_model.py --bundle results/mnist --torchscript mnist.pt --onnx mnist.onnx

The model is the image classifier of aidc-trainer, with the weights of one of its results (a folder with model.json and
model.safetensors) or, without --bundle, untrained. Put your own in the place of Classifier: what matters is below it.
Needs PyTorch (1.13 or newer) and nothing else.
"""
import argparse
import json
import os
import struct

import torch
from torch import nn

FILTERS = {"cnn": (32, 64), "cifar-cnn": (32, 64, 128)}


class Classifier(nn.Module):
    """The layers have the names of the tensors in model.safetensors."""

    def __init__(self, architecture):
        super().__init__()
        channels, height, width = (architecture[key] for key in ("channels", "height", "width"))
        blocks = []
        for number, filters in enumerate(FILTERS[architecture["name"]], start=1):
            norm = architecture["batchNorm"]
            convolution = nn.Conv2d(channels, filters, 3, padding=1, bias=not norm)
            self.add_module(f"conv{number}", convolution)
            blocks.append(convolution)
            if norm:
                self.add_module(f"norm{number}", nn.BatchNorm2d(filters))
                blocks.append(getattr(self, f"norm{number}"))
            blocks += [nn.MaxPool2d(2), nn.ReLU()]
            channels, height, width = filters, height // 2, width // 2
        self.dense1 = nn.Linear(channels * height * width, 128)
        self.dense2 = nn.Linear(128, architecture["classes"])
        self.layers = [nn.Sequential(*blocks)]  # In a list: its layers are registered above, by their own names.

    def forward(self, image):
        x = self.layers[0](image)
        x = torch.relu(self.dense1(torch.flatten(x, 1)))
        return self.dense2(x)


def read_safetensors(path):
    """The format is a length, a JSON header and raw values: https://huggingface.co/docs/safetensors."""
    types = {"F32": torch.float32, "F64": torch.float64, "I64": torch.int64}
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), bytearray(file.read())
    header.pop("__metadata__", None)
    return {
        name: torch.frombuffer(data, dtype=types[entry["dtype"]], count=max(1, torch.Size(entry["shape"]).numel()),
                               offset=entry["data_offsets"][0]).reshape(entry["shape"])
        for name, entry in header.items()
    }


def load(bundle):
    with open(os.path.join(bundle, "model.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    model = Classifier(manifest["architecture"])
    model.load_state_dict(read_safetensors(os.path.join(bundle, manifest["weights"]["file"])))
    return model, manifest["architecture"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", help="a result of aidc-trainer")
    parser.add_argument("--torchscript", help="writes this file; serve it with format: torchscript")
    parser.add_argument("--onnx", help="writes this file; serve it with format: onnx")
    options = parser.parse_args()

    architecture = {"name": "cnn", "batchNorm": False, "channels": 1, "height": 28, "width": 28, "classes": 10}
    model = Classifier(architecture)
    if options.bundle:
        model, architecture = load(options.bundle)
    model.eval()  # Without it dropout stays on and batch norm goes on learning.
    example = torch.zeros(1, architecture["channels"], architecture["height"], architecture["width"])

    if options.torchscript:
        # Traced, because it has no branches; torch.jit.script(model) is for models that have some. Frozen, it is faster.
        # Not torch.jit.optimize_for_inference: what that writes loads on no other machine.
        script = torch.jit.freeze(torch.jit.trace(model, example))
        torch.jit.save(script, options.torchscript)
        shape = ", ".join(str(size) for size in (-1, *example.shape[1:]))
        print(f"{options.torchscript}: inputs: [{{name: image, datatype: FP32, shape: [{shape}]}}]")
    if options.onnx:
        # The first dimension is left open, so that requests can be answered together.
        torch.onnx.export(model, example, options.onnx, input_names=["image"], output_names=["logits"],
                          dynamic_axes={"image": {0: "samples"}, "logits": {0: "samples"}})
        print(f"{options.onnx}: says itself what it takes")


if __name__ == "__main__":
    main()
