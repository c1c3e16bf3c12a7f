# SPDX-License-Identifier: Apache-2.0
"""Writes counted, checksummed lines to a file of the host: a line missing, changed or written twice is seen."""
import os
import sys
import time
import zlib

path, pause = sys.argv[1], float(sys.argv[2])
# Something to dump that takes a while.
ballast = os.urandom(int(sys.argv[3]) << 20 if len(sys.argv) > 3 else 0)
count, checksum = 0, 0
with open(path, "a", buffering=1) as log:
    while True:
        count += 1
        checksum = zlib.crc32(f"{count} {checksum}".encode())
        log.write(f"{count} {checksum}\n")
        time.sleep(pause)
