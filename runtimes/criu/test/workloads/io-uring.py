# SPDX-License-Identifier: Apache-2.0
"""Opens an io_uring."""
import ctypes
import time

descriptor = ctypes.CDLL(None, use_errno=True).syscall(425, 4, ctypes.create_string_buffer(120))
print("fd", descriptor, flush=True)
time.sleep(3600)
