# SPDX-License-Identifier: Apache-2.0
"""Two processes talk over TCP; a line for each answer, or for the end of the connection."""
import os
import socket
import time

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 0))
listener.listen()
if os.fork() == 0:
    peer, _ = listener.accept()
    while True:
        data = peer.recv(1)
        if not data:
            break
        peer.send(data)
    os._exit(0)
client = socket.create_connection(listener.getsockname())
count = 0
while True:
    try:
        client.send(b"x")
        assert client.recv(1) == b"x"
        count += 1
        print("answer", count, flush=True)
    except (OSError, AssertionError):
        print("closed", flush=True)
        break
    time.sleep(0.02)
time.sleep(3600)
