// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  isFinal,
  toGritError,
  type Json,
  type JobConsumer,
  type JobQueue,
  type OperationCoordinator,
  type OperationKind,
  type OperationRequest,
  type OperationStatus,
  type SubmittedOperation,
} from '@grit/plugin-api';
import { parseOperationRequest } from '../api/request/parse-operation-request.js';
import { FailedOperation } from './failed-operation.js';
import { OperationRun, type OperationServices } from './operation-run.js';
import { PROGRAMS } from './programs/index.js';
import { timingsOf } from './timings-of.js';

const CONCURRENT_OPERATIONS = 64;
/** Operations that the queue lost are sent again. */
const SWEEP_MS = 1_000;

/** Runs operations. The queue wakes it; the catalog says what there is to do. */
export class Coordinator implements OperationCoordinator {
  readonly #running = new Map<string, Promise<OperationStatus>>();
  readonly #cancels = new Map<string, AbortController>();
  readonly #stop = new AbortController();
  #consumer: JobConsumer | undefined;
  #sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly services: OperationServices,
    private readonly queue: JobQueue,
  ) {}

  async start(_signal: AbortSignal): Promise<void> {
    for (const operation of this.services.catalog.listOperations({ unfinished: true })) {
      if (operation.phase === 'Running') void this.#run(operation.id);
    }
    this.#consumer = await this.queue.consume('operations', (job, context) => this.#deliver(job, context.signal), {
      concurrency: CONCURRENT_OPERATIONS,
    });
    this.#sweep = setInterval(() => void this.#resend(), SWEEP_MS);
    await this.#resend();
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweep);
    this.#stop.abort();
    await Promise.allSettled(this.#running.values());
    await this.#consumer?.close({ deadlineMs: 2_000 });
  }

  async submit(request: OperationRequest, signal: AbortSignal): Promise<SubmittedOperation> {
    const submitted = this.#create(parseOperationRequest(request.kind, request));
    await this.#send(submitted.id, request.kind, signal);
    return submitted;
  }

  async get(id: string, _signal: AbortSignal): Promise<OperationStatus> {
    return this.services.catalog.getOperation(id);
  }

  async *watch(id: string, signal: AbortSignal): AsyncIterable<OperationStatus> {
    let wake = (): void => undefined;
    let changed = true;
    const notice = (): void => {
      changed = true;
      wake();
    };
    const end = this.services.catalog.onChange(id, notice);
    signal.addEventListener('abort', notice, { once: true });
    try {
      let revision = -1;
      for (;;) {
        signal.throwIfAborted();
        changed = false;
        const status = this.services.catalog.getOperation(id);
        if (status.revision !== revision) yield status;
        revision = status.revision;
        if (isFinal(status.phase)) return;
        // A change may have come while the status was being looked at.
        if (!(changed as boolean)) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      end();
      signal.removeEventListener('abort', notice);
    }
  }

  async cancel(id: string, reason: string, _signal: AbortSignal): Promise<void> {
    if (!this.services.catalog.requestCancel(id, reason)) return;
    this.services.catalog.audit({ actor: 'api', action: 'cancel', subject: id, details: { reason } });
    this.#cancels.get(id)?.abort();
    if (!this.#running.has(id)) void this.#run(id);
  }

  /** A job of the route `operations`: from us it names its operation, from a plain producer it is the request. */
  async #deliver(job: { id: string; name: string; data: Json }, signal: AbortSignal): Promise<Json> {
    const own = (job.data as { readonly operation?: unknown } | null)?.operation;
    const id = typeof own === 'string' ? own : this.#fromProducer(job);
    const cancel = (): void => {
      // A stopping server aborts its jobs too, and that is no cancel.
      if (!this.#stop.signal.aborted) void this.cancel(id, 'job cancelled', this.#stop.signal);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const status = await this.#run(id);
      if (status.error !== undefined) throw GritError.fromJSON(status.error);
      return status as unknown as Json;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  #fromProducer(job: { id: string; name: string; data: Json }): string {
    const request = parseOperationRequest(job.name, job.data);
    // A job delivered twice is one operation, with or without a key of its own.
    return this.#create({ ...request, idempotencyKey: request.idempotencyKey ?? `job-${job.id}` }).id;
  }

  #create(request: OperationRequest): SubmittedOperation {
    const submitted = this.services.catalog.createOperation(request);
    if (!submitted.duplicate) {
      this.services.catalog.audit({ actor: request.requestedBy ?? 'unknown', action: 'submit', subject: submitted.id });
    }
    return submitted;
  }

  async #send(id: string, kind: OperationKind, signal: AbortSignal): Promise<void> {
    await this.queue
      .submit('operations', kind, { operation: id }, { id, attempts: 1 }, signal)
      .catch((error: unknown) => {
        this.services.logger.warn('queue does not take the operation yet', { operation: id, reason: String(error) });
      });
  }

  /** What is pending and not under way is not on the queue any more, or never got there. */
  async #resend(): Promise<void> {
    const limit = Date.now() - SWEEP_MS;
    for (const operation of this.services.catalog.listOperations({ unfinished: true })) {
      if (this.#running.has(operation.id) || operation.createdAt > limit) continue;
      const options = { id: `${operation.id}-${Date.now().toString(36)}`, attempts: 1 };
      await this.queue
        .submit('operations', operation.kind, { operation: operation.id }, options, this.#stop.signal)
        .catch(() => undefined);
    }
  }

  #run(id: string): Promise<OperationStatus> {
    const known = this.#running.get(id);
    if (known !== undefined) return known;
    const run = this.#execute(id).finally(() => {
      this.#running.delete(id);
      this.#cancels.delete(id);
    });
    // A stop rejects it; whoever waits for it sees that, and a resumed operation has nobody who waits.
    run.catch(() => undefined);
    this.#running.set(id, run);
    return run;
  }

  async #execute(id: string): Promise<OperationStatus> {
    const { catalog, logger } = this.services;
    const operation = catalog.getOperation(id);
    if (isFinal(operation.phase)) return operation;
    const cancel = new AbortController();
    this.#cancels.set(id, cancel);
    if (catalog.cancelRequested(id) !== undefined) cancel.abort();
    const run = new OperationRun(operation, this.services, cancel.signal, this.#stop.signal);
    let end: Parameters<typeof catalog.endOperation>[1];
    try {
      catalog.updateOperation(id, { phase: 'Running' });
      const done = await PROGRAMS[operation.kind](run);
      end = { phase: 'Succeeded', outcome: done.outcome, result: done.result, timings: [] };
    } catch (thrown) {
      this.#stop.signal.throwIfAborted();
      const failed = thrown instanceof FailedOperation ? thrown : new FailedOperation(toGritError(thrown), 'Unchanged');
      const aborted = cancel.signal.aborted && ['GRIT_ABORTED', 'GRIT_OPERATION_CANCELLED'].includes(failed.error.code);
      const error = aborted
        ? new GritError('GRIT_OPERATION_CANCELLED', `cancelled: ${catalog.cancelRequested(id) ?? ''}`)
        : failed.error;
      if (error.code === 'GRIT_INTERNAL')
        logger.error('operation failed', {
          operation: id,
          stack: (error.cause instanceof Error ? error.cause.stack : error.stack) ?? '',
        });
      end = { phase: aborted ? 'Cancelled' : 'Failed', outcome: failed.outcome, error: error.toJSON(), timings: [] };
    }
    const steps = catalog.getOperation(id).steps.map((step) => catalog.getStep(id, step.name));
    const timings = timingsOf(
      operation.createdAt,
      Date.now(),
      steps.filter((step) => step !== undefined),
    );
    const status = catalog.endOperation(id, { ...end, timings });
    catalog.audit({
      actor: 'coordinator',
      action: 'finish',
      subject: id,
      details: { phase: status.phase, outcome: end.outcome },
    });
    logger.info('operation ended', { operation: id, kind: operation.kind, phase: status.phase, outcome: end.outcome });
    return status;
  }
}
