// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GritError, type SerializedGritError } from '@grit/plugin-api';

/** Of a thread's heap: what it makes there is small and soon gone, and without a limit each thread takes up to 48 MiB for it. */
const YOUNG_MIB = 6;

/** What comes back from a thread for one call. */
export type ThreadReply =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: SerializedGritError };

interface Call {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** One worker thread that answers calls in their order; see {@link serveThread} for its other side. Begun at its first call. */
export class Thread {
  readonly #calls: Call[] = [];
  #worker: Worker | undefined;

  /** @param script below `dist`, without its ending: `pack/pack-worker` */
  constructor(
    readonly script: string,
    readonly data?: unknown,
  ) {}

  /** Calls that were not answered yet. */
  get pending(): number {
    return this.#calls.length;
  }

  /** Whether it was begun and has not ended. */
  get alive(): boolean {
    return this.#worker !== undefined;
  }

  /** Sends a request; what is in `transfer` is the thread's from then on. Errors: those of the thread; GRIT_INTERNAL when it died. */
  call<Reply>(request: unknown, transfer: readonly ArrayBuffer[] = []): Promise<Reply> {
    const worker = (this.#worker ??= this.#start());
    return new Promise<Reply>((resolve, reject) => {
      // It throws for what cannot be sent, and then there will be no answer.
      worker.postMessage(request, transfer);
      this.#calls.push({ resolve, reject });
      // A thread without work must not keep the process alive.
      worker.ref();
    });
  }

  /** Ends the thread. Calls under way fail; a later call begins another. */
  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(scriptPath(this.script), {
      workerData: this.data,
      execArgv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    worker.unref();
    worker.on('message', ({ ...reply }: ThreadReply) => {
      const call = this.#calls.shift();
      if (this.#calls.length === 0) worker.unref();
      if (reply.ok) call?.resolve(reply.value as never);
      else call?.reject(GritError.fromJSON(reply.error));
    });
    let failure: unknown;
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      const error = new GritError('GRIT_INTERNAL', `thread ${this.script} ended`, { cause: failure });
      for (const { reject } of this.#calls.splice(0)) reject(error);
    });
    return worker;
  }
}

/** The built script, also when this file runs from its source or out of a bundle. */
function scriptPath(script: string): string {
  const root = dirname(createRequire(import.meta.url).resolve('@grit/image/package.json'));
  return join(root, 'dist', `${script}.js`);
}
