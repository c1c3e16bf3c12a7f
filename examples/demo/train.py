# SPDX-License-Identifier: Apache-2.0
"""A small but real PyTorch training job: Adam, dropout, shuffled data from two DataLoader workers.

Prints one line a step and at the end the sha256 of the final weights. It knows nothing of checkpoints.
"""
import hashlib
import sys

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 200
WIDTH, HIDDEN, BATCH = 256, 512, 64

torch.manual_seed(7)
torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

data = TensorDataset(torch.randn(4096, WIDTH), torch.randint(0, 10, (4096,)))
loader = DataLoader(data, batch_size=BATCH, shuffle=True, num_workers=2)
model = nn.Sequential(nn.Linear(WIDTH, HIDDEN), nn.ReLU(), nn.Dropout(0.1), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_of = nn.CrossEntropyLoss()

step = 0
while step < STEPS:
    for inputs, labels in loader:
        optimizer.zero_grad()
        loss = loss_of(model(inputs), labels)
        loss.backward()
        optimizer.step()
        step += 1
        print(f"step {step} loss {loss.item():.6f}", flush=True)
        if step == STEPS:
            break

digest = hashlib.sha256()
for name, tensor in sorted(model.state_dict().items()):
    digest.update(name.encode())
    digest.update(tensor.numpy().tobytes())
print(f"weights sha256 {digest.hexdigest()}", flush=True)
