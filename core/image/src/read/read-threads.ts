// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';
import { Thread } from '../threads/thread.js';
import type { ChunksReply, ChunksRequest, KeptReply, KeptRequest } from './read-request.js';

/** Each has some 10 MiB of its own. One more than cores: while one waits for the disk, the others hash and write. */
const THREADS = Math.max(2, Math.min(8, availableParallelism() + 1));
const IDLE_MS = 30_000;

/** Threads of this process that read and check chunks. Begun at first use, ended when nobody needs them for a while. */
class ReadThreads {
  /** Calls at a time that keep all of them busy. */
  readonly lanes = 2 * THREADS;
  #threads = Array.from({ length: THREADS }, newThread);
  #idle: NodeJS.Timeout | undefined;

  call(request: ChunksRequest, transfer: readonly ArrayBuffer[]): Promise<ChunksReply>;
  call(request: KeptRequest, transfer: readonly ArrayBuffer[]): Promise<KeptReply>;
  async call(request: ChunksRequest | KeptRequest, transfer: readonly ArrayBuffer[]): Promise<ChunksReply | KeptReply> {
    const thread = this.#threads.reduce((best, other) => (other.pending < best.pending ? other : best));
    clearTimeout(this.#idle);
    try {
      return await thread.call(request, transfer);
    } finally {
      if (!this.#threads.includes(thread)) {
        if (thread.pending === 0) void thread.close();
      } else if (this.#threads.every(({ pending }) => pending === 0)) {
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => this.#close(), IDLE_MS).unref();
      }
    }
  }

  /** Gives up the threads that are busy: they hang in a system call, on a store that does not answer. They end when they return. */
  retire(): void {
    this.#threads = this.#threads.map((thread) => (thread.pending === 0 ? thread : newThread()));
  }

  #close(): void {
    for (const thread of this.#threads) void thread.close();
  }
}

function newThread(): Thread {
  return new Thread('read/read-worker');
}

/** The threads of this process. */
export const readThreads = new ReadThreads();
