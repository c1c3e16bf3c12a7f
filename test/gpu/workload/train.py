# SPDX-License-Identifier: Apache-2.0
"""A small PyTorch training loop that gives the same weights each time it runs on the same GPU.

    train.py STEPS DEVICE        DEVICE: cuda or cpu

One line a step, and at the end the sha256 of the weights. No workers, no pinned memory, no compiled code.
"""
import hashlib
import sys
import time

import torch
from torch import nn

STEPS, DEVICE = int(sys.argv[1]), torch.device(sys.argv[2])
WIDTH, CLASSES, BATCH = 256, 10, 128
HIDDEN = 1024 if DEVICE.type == "cuda" else 64

torch.manual_seed(7)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.allow_tf32 = False
torch.backends.cudnn.benchmark = False

inputs = torch.randn(4096, WIDTH).to(DEVICE)
labels = torch.randint(0, CLASSES, (4096,)).to(DEVICE)
model = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))
model.to(DEVICE)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_of = nn.CrossEntropyLoss()
if DEVICE.type == "cuda":
    print(f"gpu {torch.cuda.get_device_name(0)}", flush=True)

for step in range(1, STEPS + 1):
    first = (step * BATCH) % len(inputs)
    optimizer.zero_grad()
    loss = loss_of(model(inputs[first : first + BATCH]), labels[first : first + BATCH])
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.9g}", flush=True)
    # Slow enough to be caught in the middle.
    time.sleep(0.02)

digest = hashlib.sha256()
for name, tensor in sorted(model.state_dict().items()):
    digest.update(name.encode())
    digest.update(tensor.cpu().numpy().tobytes())
print(f"weights sha256 {digest.hexdigest()}", flush=True)
