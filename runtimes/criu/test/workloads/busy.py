# SPDX-License-Identifier: Apache-2.0
"""Counts as fast as it can in shared memory that the host can read."""
import mmap
import struct

with open("/counter/value", "r+b") as file:
    memory = mmap.mmap(file.fileno(), 8)
count = 0
print("ready", flush=True)
while True:
    count += 1
    struct.pack_into("Q", memory, 0, count)
