# SPDX-License-Identifier: Apache-2.0
"""One of two that count together, named by the argument: "left" listens, "right" connects.

Every number goes both ways over a TCP connection that is never made again, and both ways through a file in SHARED.
Each side appends the numbers that both ways agree on to its log; what does not agree is written there too and ends it.
"""
import os
import socket
import sys
import time

SIDE = sys.argv[1]
OTHER = "right" if SIDE == "left" else "left"
PORT = 7000
SHARED = os.environ["SHARED"]
ROUNDS = int(os.environ["ROUNDS"])
PAUSE_SECONDS = 0.02


def meet():
    if SIDE == "left":
        listening = socket.create_server(("127.0.0.1", PORT))
        return listening.accept()[0]
    while True:
        try:
            return socket.create_connection(("127.0.0.1", PORT))
        except ConnectionRefusedError:
            time.sleep(PAUSE_SECONDS)


def tell(number):
    # The file first: whoever hears of a number finds it there.
    with open(f"{SHARED}/{SIDE}", "w") as shared:
        shared.write(str(number))
    connection.sendall(f"{number}\n".encode())


def hear(number):
    heard = lines.readline().strip()
    with open(f"{SHARED}/{OTHER}") as shared:
        read = shared.read()
    if heard == read == str(number):
        return
    log.write(f"inconsistent: {number} wanted, {heard!r} heard, {read!r} in the file\n")
    sys.exit(1)


with open(f"{os.environ['OUT']}.{SIDE}", "a", buffering=1) as log:
    connection = meet()
    lines = connection.makefile()
    number = 0
    # ROUNDS 0: until somebody ends it.
    while ROUNDS == 0 or number < ROUNDS:
        number += 1
        if SIDE == "left":
            hear(number)
            log.write(f"{number}\n")
            tell(number)
        else:
            tell(number)
            hear(number)
            log.write(f"{number}\n")
            time.sleep(PAUSE_SECONDS)
