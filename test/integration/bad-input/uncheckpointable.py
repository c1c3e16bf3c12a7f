# SPDX-License-Identifier: Apache-2.0
"""Opens what no checkpoint can carry and writes its pid's descriptor to a file: OUT, io_uring or the path of a device."""
import ctypes
import os
import sys
import time

IO_URING_SETUP = 425

out, what = sys.argv[1:3]
if what == "io_uring":
    fd = ctypes.CDLL(None, use_errno=True).syscall(IO_URING_SETUP, 4, ctypes.create_string_buffer(120))
    if fd < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
else:
    fd = os.open(what, os.O_RDWR)
with open(out + ".new", "w") as file:
    file.write(str(fd))
os.rename(out + ".new", out)
while True:
    time.sleep(3600)
