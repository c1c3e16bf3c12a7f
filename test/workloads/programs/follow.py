# SPDX-License-Identifier: Apache-2.0
"""A sidecar: reads the log of "left" line by line as it grows, and appends what it has read to a log of its own.

ROUNDS 0: until somebody ends it.
"""
import os
import time

OUT = os.environ["OUT"]
ROUNDS = int(os.environ["ROUNDS"])
PAUSE_SECONDS = 0.05

with open(f"{OUT}.left", "a+") as followed, open(f"{OUT}.sidecar", "a", buffering=1) as log:
    followed.seek(0)
    lines, rest = 0, ""
    while ROUNDS == 0 or lines < ROUNDS:
        text = rest + followed.read()
        complete, newline, rest = text.rpartition("\n")
        log.write(complete + newline)
        lines += text.count("\n")
        time.sleep(PAUSE_SECONDS)
