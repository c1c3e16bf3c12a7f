# SPDX-License-Identifier: Apache-2.0
"""Opens what no checkpoint can carry and writes the descriptor to a file, -1 if it cannot: OUT, io_uring or the path of a device."""
import ctypes
import os
import sys
import time

IO_URING_SETUP = 425

out, what = sys.argv[1:3]
if what == "io_uring":
    fd = ctypes.CDLL(None).syscall(IO_URING_SETUP, 4, ctypes.create_string_buffer(120))
else:
    try:
        fd = os.open(what, os.O_RDWR)
    except OSError:
        fd = -1
with open(out + ".new", "w") as file:
    file.write(str(fd))
os.rename(out + ".new", out)
while True:
    time.sleep(3600)
