# SPDX-License-Identifier: Apache-2.0
"""Counts into a file OUT of its volume: "started" once at every start, then N, going on where the file ends.

The number is read only at the start, so that a program that goes on from memory and a file of another time disagree.
"""
import os
import time

PAUSE_SECONDS = 0.05

with open(os.environ["OUT"], "a+", buffering=1) as out:
    out.seek(0)
    numbers = [int(line) for line in out if line.strip().isdigit()]
    number = numbers[-1] if numbers else 0
    out.write("started\n")
    while True:
        number += 1
        out.write(f"{number}\n")
        time.sleep(PAUSE_SECONDS)
