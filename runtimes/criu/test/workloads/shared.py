# SPDX-License-Identifier: Apache-2.0
"""Two forked children and their parent count in memory that they share; each also keeps memory of its own, and checks both."""
import hashlib
import mmap
import os
import time

PAGES = 3 << 20
SHARED = mmap.mmap(-1, 1 << 20)
SHARED[4096:] = hashlib.shake_256(b"shared").digest((1 << 20) - 4096)
SUM = hashlib.md5(SHARED[4096:]).hexdigest()
inherited = bytearray(os.urandom(PAGES))


def work(slot):
    own = bytearray(os.urandom(PAGES))
    sums = [hashlib.md5(data).hexdigest() for data in (own, inherited)]
    count = 0
    while True:
        assert [hashlib.md5(data).hexdigest() for data in (own, inherited)] == sums
        assert hashlib.md5(SHARED[4096:]).hexdigest() == SUM
        count += 1
        SHARED[slot * 8 : slot * 8 + 8] = count.to_bytes(8, "little")
        if slot == 0:
            counts = [int.from_bytes(SHARED[at * 8 : at * 8 + 8], "little") for at in range(3)]
            print("counts", *counts, flush=True)
        time.sleep(0.02)


for child in (1, 2):
    if os.fork() == 0:
        work(child)
work(0)
