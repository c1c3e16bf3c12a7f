# SPDX-License-Identifier: Apache-2.0
"""Uses what jobs use, checks at every round that it still works, and prints one line a round."""
import fcntl
import mmap
import multiprocessing as mp
import os
import socket
import sys
import threading
import time

COUNTER = mmap.mmap(-1, 4096)  # shared with the child


def child(pipe, semaphore):
    while True:
        value = pipe.recv()
        semaphore.acquire()
        pipe.send(value + 1)


def spin(done):
    while not done.is_set():
        done.wait(0.01)


def main():
    mp.set_start_method("fork")
    ours, theirs = mp.Pipe()
    semaphore = mp.Semaphore(0)
    worker = mp.Process(target=child, args=(theirs, semaphore), daemon=True)
    worker.start()
    done = threading.Event()
    threads = [threading.Thread(target=spin, args=(done,), daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()

    os.makedirs("/var/tmp/job", exist_ok=True)
    deleted = open("/var/tmp/job/deleted", "w+")
    deleted.write("still here")
    deleted.flush()
    os.unlink("/var/tmp/job/deleted")
    # Another name is left: CRIU needs a link remap.
    linked = open("/var/tmp/job/first", "w+")
    linked.write("linked")
    linked.flush()
    os.link("/var/tmp/job/first", "/var/tmp/job/second")
    os.unlink("/var/tmp/job/first")
    shm = open("/dev/shm/segment", "w+b")
    shm.truncate(1 << 20)
    memory = mmap.mmap(shm.fileno(), 1 << 20)
    locked = open("/var/tmp/job/lock", "w")
    fcntl.flock(locked, fcntl.LOCK_EX)
    left, right = socket.socketpair()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    print("ready", os.getpid(), worker.pid, os.environ.get("MARK"), flush=True)
    round_ = 0
    while True:
        ours.send(round_)
        semaphore.release()
        assert ours.recv() == round_ + 1
        left.send(b"x")
        assert right.recv(1) == b"x"
        memory[0:8] = round_.to_bytes(8, "little")
        deleted.seek(0)
        assert deleted.read() == "still here"
        linked.seek(0)
        assert linked.read() == "linked"
        assert os.fstat(linked.fileno()).st_ino == os.stat("/var/tmp/job/second").st_ino
        other = open("/var/tmp/job/lock", "w")
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            raise AssertionError("the lock was lost")
        except BlockingIOError:
            pass
        other.close()
        assert all(thread.is_alive() for thread in threads)
        round_ += 1
        print("round", round_, os.getpid(), worker.pid, os.environ.get("MARK"), flush=True)
        if os.path.exists("/var/tmp/job/finish"):
            sys.exit(7)
        time.sleep(0.02)


main()
