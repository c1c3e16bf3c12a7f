// SPDX-License-Identifier: Apache-2.0
import { toGritError, type Logger, type OperationClient, type Trigger } from '@grit/plugin-api';

const STOP_MS = 5_000;

/** The triggers of the configuration. */
export class Triggers {
  readonly #started: Trigger[] = [];

  constructor(
    private readonly triggers: ReadonlyMap<string, Trigger>,
    private readonly logger: Logger,
  ) {}

  /** Starts all; one that fails is told and left out, because the others are not the worse for it. */
  async start(operations: OperationClient, signal: AbortSignal): Promise<void> {
    for (const [name, trigger] of this.triggers) {
      try {
        await trigger.start(
          {
            ...bound(operations),
            submit: (request, given) => operations.submit({ requestedBy: name, ...request }, given),
          },
          signal,
        );
        this.#started.push(trigger);
      } catch (error) {
        signal.throwIfAborted();
        this.logger.error('trigger not started', { plugin: name, reason: toGritError(error).message });
      }
    }
  }

  async stop(): Promise<void> {
    const deadline = AbortSignal.timeout(STOP_MS);
    await Promise.allSettled(this.#started.splice(0).map((trigger) => trigger.stop(deadline)));
  }
}

function bound(operations: OperationClient): OperationClient {
  return {
    submit: operations.submit.bind(operations),
    get: operations.get.bind(operations),
    watch: operations.watch.bind(operations),
    cancel: operations.cancel.bind(operations),
  };
}
