"""Writes the TorchScript files beside it, which the tests load. Run it again (Debian's python3-torch will do) after a change:

    /usr/bin/python3 make.py
"""
import os
from typing import Dict, Tuple

import torch
from torch import nn

os.chdir(os.path.dirname(os.path.abspath(__file__)))
torch.manual_seed(0)


class Dropping(nn.Module):
    """3 outputs of 4 inputs: y[k] = k + sum of x * (k + 1), if dropout is off."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 3)
        self.dropout = nn.Dropout(0.9)
        with torch.no_grad():
            self.linear.weight.copy_(torch.tensor([[1.0] * 4, [2.0] * 4, [3.0] * 4]))
            self.linear.bias.copy_(torch.tensor([0.0, 1.0, 2.0]))

    def forward(self, x):
        return self.dropout(self.linear(x))


class Pair(nn.Module):
    """Of any type: both as they are, and the first once more."""

    def forward(self, a: torch.Tensor, b: torch.Tensor) -> Tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return b.clone(), a.clone(), a.clone()


class Total(nn.Module):
    """One value, however many samples."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.sum()


class Named(nn.Module):
    """What TorchSharp does not pass on."""

    def forward(self, x: torch.Tensor) -> Dict[str, torch.Tensor]:
        return {"x": x}


class Fussy(nn.Module):
    """Fails where a value is negative, and a product of matrices that fits 4 columns only."""

    def __init__(self):
        super().__init__()
        self.register_buffer("matrix", torch.ones(4, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if bool((x < 0).any()):
            raise ValueError("negative values are not for me")
        return torch.matmul(x, self.matrix)


def save(module, name):
    torch.jit.save(module, name)


save(torch.jit.script(Dropping().train()), "training.pt")
save(torch.jit.freeze(torch.jit.script(Dropping().eval())), "frozen.pt")
save(torch.jit.script(Pair()), "pair.pt")
save(torch.jit.script(Total()), "total.pt")
save(torch.jit.script(Named()), "named.pt")
save(torch.jit.script(Fussy()), "fussy.pt")
save(torch.jit.optimize_for_inference(torch.jit.script(nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU()).eval())), "optimized.pt")
torch.save(Dropping().state_dict(), "weights.pt")
