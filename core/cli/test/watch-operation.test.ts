// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError, type OperationStatus } from '@grit/plugin-api';
import type { PlatformApi } from '@grit/core';
import { ExitWith } from '../src/exit-codes.js';
import type { ProgressView } from '../src/operations/progress-view.js';
import { watchOperation } from '../src/operations/watch-operation.js';
import type { Session } from '../src/platform/session.js';
import { operationStatus } from './operation-status.js';

class RecordingView implements ProgressView {
  readonly seen: string[] = [];
  update(status: OperationStatus): void {
    this.seen.push(status.phase);
  }
  note(text: string): void {
    this.seen.push(text);
  }
  end(): void {
    this.seen.push('end');
  }
}

function sessionOf(api: Partial<PlatformApi>, recover: () => Promise<void> = async () => undefined): Session {
  return { call: (use: (api: unknown) => Promise<unknown>) => use(api), recover } as unknown as Session;
}

const running = operationStatus({ phase: 'Running', outcome: undefined, finishedAt: undefined });

describe('watching an operation', () => {
  it('goes on after the server was lost', async () => {
    let recovered = 0;
    let watches = 0;
    const session = sessionOf(
      {
        async *watch() {
          yield running;
          if (++watches === 1) throw new GritError('GRIT_SERVER_UNAVAILABLE', 'gone');
          yield operationStatus();
        },
      },
      async () => {
        recovered++;
      },
    );
    const view = new RecordingView();
    const { status, interrupted } = await watchOperation(session, 'op-1', view);
    assert.equal(status.phase, 'Succeeded');
    assert.equal(interrupted, false);
    assert.equal(recovered, 1);
    assert.deepEqual(view.seen, ['Running', 'Running', 'Succeeded', 'end']);
  });

  it('gives up when the server is lost again and again without a word', async () => {
    let recovered = 0;
    const session = sessionOf(
      {
        async *watch() {
          throw new GritError('GRIT_SERVER_UNAVAILABLE', 'gone');
        },
      },
      async () => {
        recovered++;
      },
    );
    await assert.rejects(watchOperation(session, 'op-1', new RecordingView()), { code: 'GRIT_SERVER_UNAVAILABLE' });
    assert.equal(recovered, 5);
  });

  it('the first Ctrl-C cancels and waits for the truth, and nobody listens afterwards', async () => {
    const listeners = process.listenerCount('SIGINT');
    const cancelled = Promise.withResolvers<undefined>();
    const session = sessionOf({
      async *watch() {
        yield running;
        process.emit('SIGINT');
        await cancelled.promise;
        yield operationStatus({ phase: 'Cancelled', outcome: 'Resumed' });
      },
      cancel: async () => cancelled.resolve(undefined),
    });
    const view = new RecordingView();
    const { status, interrupted } = await watchOperation(session, 'op-1', view);
    assert.equal(status.outcome, 'Resumed');
    assert.equal(interrupted, true);
    assert.match(view.seen[1] ?? '', /^Cancelling/);
    assert.equal(process.listenerCount('SIGINT'), listeners);
  });

  it('the second Ctrl-C leaves the operation to the server: exit 130', async () => {
    const session = sessionOf({
      async *watch(_id, signal) {
        yield running;
        process.emit('SIGINT');
        process.emit('SIGINT');
        signal.throwIfAborted();
      },
      cancel: async () => undefined,
    });
    const view = new RecordingView();
    await assert.rejects(
      watchOperation(session, 'op-1', view),
      (error) => error instanceof ExitWith && error.code === 130,
    );
    assert.match(view.seen.at(-2) ?? '', /is left to the server; see: grit describe operation op-1$/);
  });
});
