// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, toGritError, type Logger } from '@grit/plugin-api';
import type { StatusError, StepProgress, StepReport } from '../api/step.js';
import { isAborted } from '../kit/aborted.js';
import { defined } from '../kit/defined.js';
import type { NodeHandlers, StepOrder, StepResult } from './node-handlers.js';
import type { ReportWriter } from './report-writer.js';

/** What a step is run with. */
export interface StepRun {
  readonly order: StepOrder;
  readonly handlers: NodeHandlers;
  readonly writer: ReportWriter;
  /** Least time between two reports of progress. */
  readonly progressMs: number;
  readonly logger: Logger;
}

const MOST_MESSAGE = 4096;
const MOST_HINT = 2048;

/**
 * Runs one step: nothing is done before the API server has taken the report that it has begun, which proves that the order is still
 * good; its end is told whatever happens. `wanted` is aborted when the order is taken back, `ended` when the agent ends: then nothing more
 * is told. Throws GRIT_STEP_FENCED when the order was replaced.
 */
export async function runStep(run: StepRun, wanted: AbortSignal, ended: AbortSignal): Promise<void> {
  const { order, writer, logger } = run;
  const signal = AbortSignal.any([wanted, ended]);
  const before = order.object.status?.report;
  // An agent that goes on where another one has died tells when the first one began.
  const startedAt = before?.token === order.step.token ? before.startedAt : new Date().toISOString();
  await writer.insist({ phase: 'Running', startedAt }, signal);
  const progress = new ProgressReports(run, startedAt);
  logger.info('step begun', { attempt: order.step.attempt });
  const outcome = await act(run, progress, signal);
  await progress.close();
  // The next agent finds the order unfinished and goes on.
  if (isAborted(ended)) return;
  const report = { ...outcome, startedAt, finishedAt: new Date().toISOString() };
  const { code = null } = outcome.error ?? {};
  logger.info('step ended', { phase: outcome.phase, code, ms: Date.parse(report.finishedAt) - Date.parse(startedAt) });
  try {
    await writer.insist(report, ended);
  } catch (error) {
    if (ended.aborted || isGritError(error)) throw error;
    // The API server does not take these words; that the step has ended must be known all the same.
    const told = errorOf(new GritError('GRIT_INTERNAL', 'the report of the step was refused', { cause: error }));
    await writer.insist({ phase: 'Failed', startedAt, finishedAt: report.finishedAt, error: told }, ended);
  }
}

type Outcome = Pick<StepReport, 'phase' | 'error'> & StepResult;

async function act(run: StepRun, progress: ProgressReports, signal: AbortSignal): Promise<Outcome> {
  const { order, handlers, logger } = run;
  try {
    signal.throwIfAborted();
    const context = { signal, logger, onProgress: (value: StepProgress) => progress.tell(value) };
    const { timings, image, held, outcome, progress: last } = await handlers[order.step.name](order, context);
    const result = { timings, image, held, outcome, progress: last ?? progress.latest };
    return { phase: 'Succeeded', ...defined(result) };
  } catch (error) {
    // A handler that was told to stop may throw no more than that: why it was told is what counts.
    const why: unknown = signal.aborted && !isGritError(error) ? signal.reason : error;
    return { phase: 'Failed', error: errorOf(why) };
  }
}

/** An error as it stands in a status, within the bounds of the schema. */
export function errorOf(thrown: unknown): StatusError {
  const { code, message, hint, retryable } = toGritError(thrown);
  return { code, message: message.slice(0, MOST_MESSAGE), hint: hint.slice(0, MOST_HINT), retryable };
}

/** The newest progress, written at most once in a while; one that cannot be written is left out. */
class ProgressReports {
  latest: StepProgress | undefined;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #wroteAt = performance.now();
  readonly #closed = new AbortController();

  constructor(
    private readonly run: StepRun,
    private readonly startedAt: string,
  ) {}

  tell(progress: StepProgress): void {
    this.latest = progress;
    if (this.#closed.signal.aborted || this.#timer !== undefined) return;
    const wait = Math.max(this.#wroteAt + this.run.progressMs - performance.now(), 0);
    this.#timer = setTimeout(() => {
      this.#writing = this.#write();
    }, wait);
  }

  /** Returns when nothing more is written; a write that is under way is given up, since the last report comes after it. */
  async close(): Promise<void> {
    this.#closed.abort();
    clearTimeout(this.#timer);
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { writer, logger } = this.run;
    const progress = this.latest;
    try {
      if (progress === undefined) return;
      await writer.write({ phase: 'Running', startedAt: this.startedAt, progress }, this.#closed.signal);
    } catch (error) {
      logger.debug('progress not written', { reason: String(error) });
    } finally {
      this.#wroteAt = performance.now();
      this.#timer = undefined;
      if (this.latest !== progress && this.latest !== undefined) this.tell(this.latest);
    }
  }
}
