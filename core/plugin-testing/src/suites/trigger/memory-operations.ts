// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import {
  API_VERSION,
  GritError,
  isFinal,
  type OperationRequest,
  type OperationSink,
  type OperationStatus,
  type SubmittedOperation,
} from '@grit/plugin-api';

/** Operations without a platform, for tests of triggers: they end when the test says so, and the queue can be down. */
export class MemoryOperations implements OperationSink {
  readonly #operations = new Map<string, OperationStatus>();
  readonly #wake = new Set<() => void>();
  #down = false;
  #refused = 0;

  /** All operations, oldest first. */
  get all(): readonly OperationStatus[] {
    return [...this.#operations.values()];
  }

  /** How many submissions met a queue that was down. */
  get refused(): number {
    return this.#refused;
  }

  /** While down, everything fails with GRIT_QUEUE_UNAVAILABLE. */
  set down(down: boolean) {
    this.#down = down;
  }

  /** Ends an operation. */
  end(
    id: string,
    end: Pick<OperationStatus, 'outcome' | 'error' | 'result'> & { readonly phase: OperationStatus['phase'] },
  ): void {
    const status = this.#find(id);
    this.#operations.set(id, { ...status, ...end, finishedAt: Date.now(), revision: status.revision + 1 });
    for (const wake of [...this.#wake]) wake();
  }

  async submit(request: OperationRequest, signal: AbortSignal): Promise<SubmittedOperation> {
    signal.throwIfAborted();
    if (this.#down) {
      this.#refused += 1;
      throw new GritError('GRIT_QUEUE_UNAVAILABLE', 'the queue is down');
    }
    if ((request.apiVersion as string) !== API_VERSION)
      throw new GritError('GRIT_REQUEST_VERSION', 'unknown apiVersion');
    const known = this.all.find(
      (status) => request.idempotencyKey !== undefined && status.request.idempotencyKey === request.idempotencyKey,
    );
    if (known) {
      if (isDeepStrictEqual(known.request, request)) return { id: known.id, duplicate: true };
      throw new GritError('GRIT_IDEMPOTENCY_CONFLICT', `key ${request.idempotencyKey ?? ''} was used before`);
    }
    const id = `op-${String(this.#operations.size + 1).padStart(4, '0')}`;
    const facts = { steps: [], timings: [], createdAt: Date.now(), revision: 1 };
    this.#operations.set(id, { id, kind: request.kind, request, phase: 'Pending', ...facts });
    return { id, duplicate: false };
  }

  async get(id: string, signal: AbortSignal): Promise<OperationStatus> {
    signal.throwIfAborted();
    return this.#find(id);
  }

  async *watch(id: string, signal: AbortSignal): AsyncGenerator<OperationStatus, void> {
    let seen = 0;
    for (;;) {
      signal.throwIfAborted();
      const status = this.#find(id);
      if (status.revision > seen) yield status;
      seen = status.revision;
      if (isFinal(status.phase)) return;
      if (this.#find(id).revision === seen) await this.#change(signal);
    }
  }

  async cancel(id: string, _reason: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!isFinal(this.#find(id).phase)) this.end(id, { phase: 'Cancelled', outcome: 'Unchanged' });
  }

  #find(id: string): OperationStatus {
    const status = this.#operations.get(id);
    if (status) return status;
    throw new GritError('GRIT_OPERATION_NOT_FOUND', `there is no operation ${id}`);
  }

  async #change(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        this.#wake.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
