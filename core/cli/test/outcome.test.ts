// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { ERROR_OUTCOMES, ERRORS, type OperationOutcome } from '@grit/plugin-api';
import type { CommandContext } from '../src/command-context.js';
import { exitCodeOf } from '../src/exit-codes.js';
import { describeOutcome } from '../src/operations/describe-outcome.js';
import { reportOperation } from '../src/operations/report-operation.js';
import { exitCodeOfWorkload, hasEnded } from '../src/records/wait-for-end.js';
import { operationStatus } from './operation-status.js';
import { RecordingTerminal } from './recording-terminal.js';

const OUTCOMES: readonly OperationOutcome[] = [
  'Checkpointed',
  'Restored',
  'Migrated',
  'Started',
  'Stopped',
  'Released',
  'Deleted',
  'ReturnedToSource',
  'Resumed',
  'Held',
  'Unchanged',
  'StoppedWithCheckpoint',
];

function report(...args: Parameters<typeof operationStatus>) {
  const terminal = new RecordingTerminal();
  const context = { terminal, format: 'table' } as unknown as CommandContext;
  const exit = reportOperation({ status: operationStatus(...args), interrupted: false }, context);
  return { exit, terminal };
}

describe('outcome', () => {
  it('every outcome has a sentence', () => {
    for (const outcome of OUTCOMES)
      assert.match(describeOutcome(operationStatus({ outcome })).sentence, /\.$/, outcome);
  });

  it('a finished checkpoint: what happened, ids, phases, the next command', () => {
    const { exit, terminal } = report();
    assert.equal(exit, 0);
    assert.match(terminal.output, /^Checkpointed train\.\ncheckpoint: cp-1\noperation: op-1\n/);
    assert.match(terminal.output, /^total +300\.0 +100\.0$/m);
    assert.match(terminal.output, /^next: grit describe checkpoint cp-1$/m);
    assert.equal(terminal.errors, '');
  });

  it('says what was really done with the workload after the checkpoint', () => {
    const { sentence, next } = describeOutcome(operationStatus({ result: { after: 'hold' } }));
    assert.equal(sentence, 'Checkpointed train; it is held frozen.');
    assert.equal(next, 'grit release train --resume');
  });

  it('a failed one: the error on stderr, the state as it is, its exit code', () => {
    const error = { code: 'GRIT_STORAGE_FULL', message: 'no room', hint: 'make room', retryable: false, docs: '' };
    const { exit, terminal } = report({ phase: 'Failed', outcome: 'Resumed', error });
    assert.equal(exit, 8);
    assert.equal(terminal.output, '');
    assert.match(terminal.errors, /^error: no room\n.*^next: make room\n^state: train goes on/ms);
  });

  it('the hint of a failure can be typed as it is', () => {
    const hint = 'Wait for the operation, or `grit release NAME --resume|--stop`.';
    const error = { code: 'GRIT_WORKLOAD_HELD', message: 'held', hint, retryable: false, docs: '' };
    assert.match(
      report({ phase: 'Failed', outcome: 'Unchanged', error }).terminal.errors,
      /`grit release train --resume/,
    );
  });

  it('exit codes are those of the table; an unknown code is a defect', () => {
    for (const code of Object.keys(ERRORS) as (keyof typeof ERRORS)[]) {
      assert.equal(exitCodeOf({ code }), ERROR_OUTCOMES[ERRORS[code].kind].exit);
    }
    assert.equal(exitCodeOf({ code: 'GRIT_OF_TOMORROW' }), 1);
  });

  it('Ctrl-C that cancelled is 130, Ctrl-C that came too late is not', () => {
    const context = { terminal: new RecordingTerminal(), format: 'json' } as unknown as CommandContext;
    const cancelled = operationStatus({ phase: 'Cancelled', outcome: 'Resumed' });
    assert.equal(reportOperation({ status: cancelled, interrupted: true }, context), 130);
    assert.equal(reportOperation({ status: operationStatus(), interrupted: true }, context), 0);
  });

  it('a workload that moves has not ended', () => {
    assert.equal(hasEnded({ state: 'stopped', busy: 'op-1' }), false);
    assert.equal(hasEnded({ state: 'exited', busy: undefined }), true);
    assert.equal(hasEnded({ state: 'held', busy: undefined }), false);
    assert.deepEqual(
      [3, undefined].map((exitCode) => exitCodeOfWorkload({ exitCode })),
      [3, 143],
    );
  });
});
