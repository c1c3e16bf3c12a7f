// SPDX-License-Identifier: Apache-2.0

/** Files that take turns apart from each other; others share their turns. */
const TURNS = 64;
const FREE = 0;
const TAKEN = 1;
const WANTED = 2;

/** Longest wait for a turn. */
const PATIENCE_MS = 1000;

/** Memory for the turns of one call. */
export function writeTurns(): SharedArrayBuffer {
  return new SharedArrayBuffer(TURNS * Int32Array.BYTES_PER_ELEMENT);
}

/**
 * Lets one thread at a time write to a file. The file system does that as well, but there the others spin for their turn on a core
 * that could check chunks meanwhile; here they sleep. Nothing but speed hangs on it: who waited too long, for a thread that died,
 * goes on.
 */
export function inTurn(turns: SharedArrayBuffer, file: number, write: () => void): void {
  const states = new Int32Array(turns);
  const index = file % TURNS;
  if (Atomics.compareExchange(states, index, FREE, TAKEN) !== FREE) {
    while (Atomics.exchange(states, index, WANTED) !== FREE) {
      if (Atomics.wait(states, index, WANTED, PATIENCE_MS) === 'timed-out') break;
    }
  }
  try {
    write();
  } finally {
    if (Atomics.exchange(states, index, FREE) === WANTED) Atomics.notify(states, index, 1);
  }
}
