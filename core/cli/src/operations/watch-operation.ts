// SPDX-License-Identifier: Apache-2.0
import { GritError, isFinal, type OperationStatus } from '@grit/plugin-api';
import { EXIT_INTERRUPTED, ExitWith } from '../exit-codes.js';
import { isLost, type Session } from '../platform/session.js';
import { onInterrupt } from './interrupts.js';
import type { ProgressView } from './progress-view.js';

const MOST_LOSSES_WITHOUT_NEWS = 5;

/** The end of an operation, and whether the user asked for it. */
export interface WatchedOperation {
  readonly status: OperationStatus;
  readonly interrupted: boolean;
}

/**
 * Follows an operation to its end. A server that is lost is started again; the catalog knows the operation. The first Ctrl-C asks
 * for its cancellation and waits for what really became of it, the second leaves it to the server.
 */
export async function watchOperation(session: Session, id: string, view: ProgressView): Promise<WatchedOperation> {
  const leave = new AbortController();
  let interrupted = false;
  const stopListening = onInterrupt((count) => {
    interrupted = true;
    if (count > 1) leave.abort();
    else cancel(session, id, view, leave);
  });
  try {
    return { status: await follow(session, id, view, leave.signal), interrupted };
  } catch (error) {
    if (!leave.signal.aborted) throw error;
    view.note(`Operation ${id} is left to the server; see: grit describe operation ${id}`);
    throw new ExitWith(EXIT_INTERRUPTED);
  } finally {
    stopListening();
    view.end();
  }
}

async function follow(session: Session, id: string, view: ProgressView, signal: AbortSignal): Promise<OperationStatus> {
  let losses = 0;
  for (;;) {
    try {
      return await session.call(async (api) => {
        for await (const status of api.watch(id, signal)) {
          losses = 0;
          view.update(status);
          if (isFinal(status.phase)) return status;
        }
        throw new GritError('GRIT_SERVER_UNAVAILABLE', 'the server ended the watch');
      });
    } catch (error) {
      signal.throwIfAborted();
      if (!isLost(error) || ++losses > MOST_LOSSES_WITHOUT_NEWS) throw error;
      await session.recover();
    }
  }
}

function cancel(session: Session, id: string, view: ProgressView, leave: AbortController): void {
  view.note('Cancelling; Ctrl-C again leaves the operation to the server.');
  session
    .call((api) => api.cancel(id, 'Ctrl-C on the command line', leave.signal))
    .catch((error: unknown) => {
      if (!leave.signal.aborted)
        view.note(`Cancelling failed: ${error instanceof Error ? error.message : String(error)}`);
    });
}
