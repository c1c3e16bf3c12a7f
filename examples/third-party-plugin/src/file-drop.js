// SPDX-License-Identifier: Apache-2.0
import { watch } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { isFinal, isGritError, toGritError } from '@grit/plugin-api';
import { readRequest } from './read-request.js';
import { readResultDigest, writeResult } from './result-file.js';

/** @import { Logger, OperationSink, Trigger } from '@grit/plugin-api' */
/** @import { DroppedRequest } from './read-request.js' */

const SUFFIX = '.request.json';
const RETRY_MS = { first: 100, most: 5000 };

/**
 * A file NAME.request.json becomes an operation; NAME.result.json tells how it ended. The files are the only state:
 * a request without its result is (again) submitted, and its idempotency key makes that the same operation.
 *
 * @implements {Trigger}
 */
export class FileDrop {
  /** @type {Map<string, Promise<void>>} Requests in hand, by name. */
  #inHand = new Map();
  /** @type {Set<Promise<unknown>>} Submissions under way. */
  #submissions = new Set();
  #stopping = new AbortController();
  #ended = new AbortController();
  /** @type {Promise<void>} */
  #watching = Promise.resolve();
  #wake = () => {};

  /** @param {{ name: string, directory: string, rescanMs: number, logger: Logger }} options */
  constructor(options) {
    this.options = options;
  }

  /**
   * @param {OperationSink} sink
   * @param {AbortSignal} signal
   */
  async start(sink, signal) {
    await mkdir(this.options.directory, { recursive: true });
    signal.throwIfAborted();
    // Changes that come while the directory is being read are noticed, too: the watcher is there first.
    const watcher = watch(this.options.directory, () => this.#wake());
    watcher.on('error', (error) => this.options.logger.warn('cannot watch', { reason: String(error) }));
    this.#watching = this.#watch(sink).finally(() => watcher.close());
  }

  /** @param {AbortSignal} deadline */
  async stop(deadline) {
    this.#stopping.abort();
    this.#wake();
    await this.#watching;
    const late = new Promise((resolve) => deadline.addEventListener('abort', resolve, { once: true }));
    // The queue may be down: then the file stays, and the next start finds it.
    await Promise.race([Promise.allSettled(this.#submissions), late]);
    this.#ended.abort();
    await Promise.allSettled(this.#inHand.values());
  }

  /** @param {OperationSink} sink */
  async #watch(sink) {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const change = this.#change();
      await this.#scan(sink).catch((error) => {
        this.options.logger.warn('cannot read the directory', { reason: String(error) });
      });
      await change;
    }
  }

  /** Resolves at the next change, or after a while. */
  async #change() {
    await /** @type {Promise<void>} */ (
      new Promise((resolve) => {
        const timer = setTimeout(resolve, this.options.rescanMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      })
    );
  }

  /** @param {OperationSink} sink */
  async #scan(sink) {
    for (const file of (await readdir(this.options.directory)).sort()) {
      const name = file.endsWith(SUFFIX) ? file.slice(0, -SUFFIX.length) : '';
      if (name === '' || this.#inHand.has(name) || this.#stopping.signal.aborted) continue;
      const dropped = await readRequest(this.options.directory, name, this.options.name);
      // Half written, gone, or answered before.
      if (dropped === undefined || (await readResultDigest(this.options.directory, name)) === dropped.digest) continue;
      const work = this.#handle(dropped, sink)
        .catch((error) => this.options.logger.warn('will be tried again', { name, reason: String(error) }))
        .finally(() => this.#inHand.delete(name));
      this.#inHand.set(name, work);
    }
  }

  /**
   * @param {DroppedRequest} dropped
   * @param {OperationSink} sink
   */
  async #handle(dropped, sink) {
    const { directory } = this.options;
    if ('error' in dropped) {
      await writeResult(directory, dropped, { error: dropped.error.toJSON() });
      return;
    }
    try {
      const submission = this.#submit(dropped, sink);
      this.#submissions.add(submission);
      const id = await submission.finally(() => this.#submissions.delete(submission));
      const status = await this.#untilFinal(id, sink);
      const { phase, outcome, checkpoint, result, error } = status;
      await writeResult(directory, dropped, { operation: id, phase, outcome, checkpoint, result, error });
    } catch (error) {
      if (this.#ended.signal.aborted || this.#stopping.signal.aborted) return;
      if (isGritError(error) && error.retryable) throw error;
      await writeResult(directory, dropped, { error: toGritError(error).toJSON() });
    }
  }

  /**
   * @param {Extract<DroppedRequest, { request: unknown }>} dropped
   * @param {OperationSink} sink
   */
  #submit(dropped, sink) {
    return this.#untilItWorks(async () => (await sink.submit(dropped.request, this.#ended.signal)).id);
  }

  /**
   * @param {string} id
   * @param {OperationSink} sink
   */
  #untilFinal(id, sink) {
    return this.#untilItWorks(async () => {
      for await (const status of sink.watch(id, this.#ended.signal)) if (isFinal(status.phase)) return status;
      return sink.get(id, this.#ended.signal);
    });
  }

  /**
   * Tries again, with growing pauses, for as long as the error says that this makes sense.
   *
   * @template T
   * @param {() => Promise<T>} attempt
   * @returns {Promise<T>}
   */
  async #untilItWorks(attempt) {
    for (let pause = RETRY_MS.first; ; pause = Math.min(pause * 2, RETRY_MS.most)) {
      try {
        return await attempt();
      } catch (error) {
        if (!isGritError(error) || !error.retryable) throw error;
        await delay(pause, undefined, { signal: this.#stopping.signal });
      }
    }
  }
}
