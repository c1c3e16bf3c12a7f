# SPDX-License-Identifier: Apache-2.0
"""A GPT-like PyTorch job: `full` trains all weights with AdamW, `lora` trains rank-8 adapters, `serve` runs forward passes.

job.py KIND LAYERS COUNTER [STEPS]: writes the number of steps done into the file COUNTER; after STEPS it only waits.
"""
import sys
import time

import torch
from torch import nn

KIND, LAYERS, COUNTER = sys.argv[1], int(sys.argv[2]), sys.argv[3]
STEPS = int(sys.argv[4]) if len(sys.argv) > 4 else 1 << 30
WIDTH, TOKENS = 1024, 4
torch.manual_seed(1)
torch.set_num_threads(1)


class Adapter(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner, self.down, self.up = inner, nn.Linear(WIDTH, 8, bias=False), nn.Linear(8, WIDTH, bias=False)

    def forward(self, x):
        return self.inner(x) + self.up(self.down(x))


def block():
    return nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 6 * WIDTH), nn.GELU(), nn.Linear(6 * WIDTH, WIDTH))


model = nn.Sequential(*(block() for _ in range(LAYERS)))
if KIND != "full":
    model.requires_grad_(False)
if KIND == "lora":
    model = nn.Sequential(*(Adapter(inner) for inner in model))
weights = [weight for weight in model.parameters() if weight.requires_grad]
optimizer = torch.optim.AdamW(weights, lr=1e-4) if weights else None

for step in range(1, 1 << 62):
    if step > STEPS:
        time.sleep(0.05)
        continue
    x = torch.randn(TOKENS, WIDTH)
    with torch.set_grad_enabled(optimizer is not None):
        loss = (model(x) - x).pow(2).mean()
    if optimizer is not None:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with open(COUNTER, "w") as counter:
        counter.write(str(step))
    print(f"step {step}", flush=True)
    if KIND == "serve":
        time.sleep(0.2)
