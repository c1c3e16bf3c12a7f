// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, toGritError, type Json, type Progress } from '@grit/plugin-api';
import type { AgentApi } from '../api/agent-api.js';
import type { StepRecord } from '../catalog/catalog.js';
import { STEP_HANDLERS } from './steps/index.js';
import type { NodeServices } from './step-context.js';

type StepKey = Pick<StepRecord, 'operation' | 'name' | 'token'>;

/** How often a running step reports and hears whether it is to stop. */
const REPORT_MS = 500;
const RETRY_MS = 250;

/** The steps that this agent has in hand: claimed, worked on, reported. */
export class RunningSteps {
  readonly #steps = new Map<string, Promise<void>>();

  constructor(
    private readonly services: NodeServices,
    private readonly server: AgentApi,
    /** Aborted when the agent ends; steps stop and are taken up by the next agent. */
    private readonly ended: AbortSignal,
  ) {}

  /** Works on a step. A second delivery of the same attempt waits for the first. */
  async run(step: StepKey, cancelled: AbortSignal): Promise<void> {
    const key = `${step.operation}/${step.name}/${step.token}`;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const work = this.#work(step, cancelled).finally(() => this.#steps.delete(key));
    this.#steps.set(key, work);
    return work;
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#steps.values());
  }

  async #work(step: StepKey, cancelled: AbortSignal): Promise<void> {
    const claimed = await this.#insist(() => this.server.claim(step, this.ended));
    if (claimed === undefined) return;
    const abort = new AbortController();
    const signal = AbortSignal.any([cancelled, abort.signal, this.ended]);
    let latest: Progress = { phase: step.name, doneBytes: 0 };
    const report = setInterval(() => {
      this.server.progress({ ...step, progress: latest }, this.ended).then(
        (stop) => stop && abort.abort(),
        (error: unknown) => isGritError(error) && error.code === 'GRIT_STEP_FENCED' && abort.abort(),
      );
    }, REPORT_MS);
    const result = await this.#act(claimed, signal, (progress) => (latest = progress));
    clearInterval(report);
    if (this.ended.aborted) return;
    // A result that the server does not take (too large) must not leave the step running for ever.
    await this.#insist(() => this.server.finish(step, result, this.ended)).catch((error: unknown) =>
      this.#insist(() => this.server.finish(step, { error: toGritError(error).toJSON() }, this.ended)),
    );
  }

  async #act(
    step: StepRecord,
    signal: AbortSignal,
    onProgress: (progress: Progress) => void,
  ): Promise<Parameters<AgentApi['finish']>[1]> {
    const { action, ...input } = step.input as { readonly action: string };
    const handler = STEP_HANDLERS.get(action);
    try {
      if (handler === undefined) {
        throw new GritError('GRIT_UNSUPPORTED', `node ${this.services.node} does not know the action ${action}`);
      }
      const logger = this.services.logger.child({ operation: step.operation, step: step.name });
      const output: Json = await handler(input as never, { ...this.services, logger, signal, onProgress });
      return { output };
    } catch (thrown) {
      const error = toGritError(thrown);
      const stack = error.code === 'GRIT_INTERNAL' && thrown instanceof Error ? { stack: thrown.stack ?? '' } : {};
      this.services.logger.warn('step failed', {
        operation: step.operation,
        step: step.name,
        code: error.code,
        ...stack,
      });
      return { error: error.toJSON() };
    }
  }

  /** Tries until the server answers: what was done must be told. Undefined when this attempt is not wanted any more. */
  async #insist<T>(call: () => Promise<T>): Promise<T | undefined> {
    while (!this.ended.aborted) {
      try {
        return await call();
      } catch (error) {
        if (isGritError(error) && error.code === 'GRIT_STEP_FENCED') return undefined;
        if (!isGritError(error) || !error.retryable) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    return undefined;
  }
}
