# SPDX-License-Identifier: Apache-2.0
"""A job with so many MiB of memory that no two pages are alike, and a little work in it."""
import os
import sys
import time

memory = bytearray(os.urandom(int(sys.argv[1]) << 20))
print("ready", flush=True)
while True:
    memory[0] = (memory[0] + 1) % 256
    time.sleep(0.01)
