# SPDX-License-Identifier: Apache-2.0
"""A small but real PyTorch training on one thread: AdamW and dropout, the same numbers on every run.

STEPS steps of about 50 ms each. Appends a line "step N LOSS" for each to the file OUT, which stays open all the time,
and at the end "sha256 HEX" of all weights. Who starts it anew writes "step 1" a second time: it knows nothing of checkpoints.
With BALLAST_MIB it carries bytes along that nobody can make smaller, each MiB of them beginning with BALLAST_TEXT, and fails at the end
when they are not the same.
"""
import hashlib
import os
import random
import time

import torch
from torch import nn

STEPS = int(os.environ["STEPS"])
WIDTH, HIDDEN, CLASSES, SAMPLES, BATCH = 128, 256, 10, 2048, 64
# Mostly idle, so that several of them on a small machine still take about as long as one.
IDLE_SECONDS = 0.04


def ballast():
    text = os.environ.get("BALLAST_TEXT", "").encode()
    dice = random.Random(11)
    for _ in range(int(os.environ.get("BALLAST_MIB", "0"))):
        yield text + dice.randbytes((1 << 20) - len(text))


carried = list(ballast())

torch.manual_seed(7)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

inputs = torch.randn(SAMPLES, WIDTH)
labels = torch.randint(0, CLASSES, (SAMPLES,))
model = nn.Sequential(
    nn.Linear(WIDTH, HIDDEN), nn.ReLU(), nn.Dropout(0.1), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES)
)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
loss_of = nn.CrossEntropyLoss()

with open(os.environ["OUT"], "a", buffering=1) as out:
    for step in range(1, STEPS + 1):
        batch = torch.randint(0, SAMPLES, (BATCH,))
        optimizer.zero_grad()
        loss = loss_of(model(inputs[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        line = f"step {step} {loss.item():.9f}"
        out.write(f"{line}\n")
        print(line, flush=True)
        time.sleep(IDLE_SECONDS)

    assert all(one == other for one, other in zip(carried, ballast(), strict=True)), "what it carried is damaged"
    digest = hashlib.sha256()
    for name, weights in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(weights.numpy().tobytes())
    out.write(f"sha256 {digest.hexdigest()}\n")
