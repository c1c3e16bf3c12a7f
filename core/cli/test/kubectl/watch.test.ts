// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Condition, Migration, MigrationPhase } from '@grit/plugin-kubernetes';
import { exitOf } from '../../src/kubectl/watch/exit-of.js';
import { formatEnd, formatNews } from '../../src/kubectl/watch/format-row.js';
import { rowOfCheckpoint } from '../../src/kubectl/watch/row-of-checkpoint.js';
import { outcomeOf, rowOfMigration } from '../../src/kubectl/watch/row-of-migration.js';
import type { Row } from '../../src/kubectl/watch/row.js';
import { openRowsView } from '../../src/kubectl/watch/rows-view.js';
import { parseTarget } from '../../src/kubectl/status/parse-target.js';
import { rowsOfScene } from '../../src/kubectl/status/rows-of-scene.js';
import { RecordingTerminal } from '../recording-terminal.js';
import { checkpoint, migration } from './some-objects.js';

const NOTHING = { migrations: [], checkpoints: [], restores: [] };
const said = (reason: string, message: string, type = 'Succeeded'): Condition[] => [
  { type, status: 'False', reason, message, lastTransitionTime: '2026-01-01T00:00:10Z' },
];
const ended = (phase: MigrationPhase, conditions: Condition[] = []): Migration =>
  migration({
    phase,
    conditions,
    podName: 'train',
    sourceNode: 'a',
    targetNode: 'b',
    finishedAt: '2026-01-01T00:00:12Z',
  });

describe('kubectl grit: what is seen of work', () => {
  it('outcomes and their exit codes', () => {
    assert.equal(outcomeOf(ended('Succeeded')), 'moved');
    assert.equal(outcomeOf(ended('ReturnedToSource')), 'returned');
    assert.equal(outcomeOf(ended('Failed', said('ColdStarted', 'x'))), 'cold-started');
    assert.equal(outcomeOf(ended('Failed')), 'failed');
    assert.equal(outcomeOf(ended('Stopping')), undefined);
    assert.deepEqual(
      [[], ['moved', 'stored'], ['moved', 'returned'], ['returned', 'cold-started'], ['cold-started', 'failed']].map(
        (outcomes) => exitOf(outcomes as Row['outcome'][]),
      ),
      [0, 0, 5, 15, 6],
    );
  });

  it('a try that was asked for and not begun is no end', () => {
    const asked = ended('ReturnedToSource');
    const again = { ...asked, metadata: { ...asked.metadata, annotations: { 'grit.dev/retry': '1' } } };
    assert.equal(outcomeOf(again), undefined);
    const done = ended('ReturnedToSource', said('Asked', '1', 'Retried'));
    assert.equal(outcomeOf({ ...done, metadata: again.metadata }), 'returned');
  });

  it('progress is that of the step that runs, not of the last one', () => {
    const progress = { phase: 'store', doneBytes: 2 ** 20, totalBytes: 2 ** 21, bytesPerSecond: 2 ** 20 };
    const made = checkpoint('train-1', { phase: 'Checkpointing', progress });
    const own = { ...made, metadata: { ...made.metadata, annotations: { 'grit.dev/migration-uid': 'm' } } };
    const scene = { ...NOTHING, checkpoints: [own] };
    const row = rowOfMigration(migration({ phase: 'Checkpointing', sourceNode: 'a' }), scene);
    assert.equal(formatNews(row), 'default/train: Checkpointing: store 1.0 MiB of 2.0 MiB, 1.0 MiB/s');
    assert.equal(rowOfMigration(migration({ phase: 'Stopping' }), scene).progress, undefined);
  });

  it('says how it ended in a line', () => {
    const line = (object: Migration) => formatEnd(rowOfMigration(object, NOTHING), 0);
    assert.equal(line(ended('Succeeded')), 'default/train: moved to b in 12.0 s');
    assert.equal(
      line(ended('ReturnedToSource', said('NoCompatibleNode', 'no other node'))),
      'default/train: not moved, runs on where it was: no other node',
    );
  });

  it('a checkpoint that has failed for want of something has failed', () => {
    const error = { code: 'GRIT_STORE_UNUSABLE', message: 'no store', hint: 'make one', retryable: false };
    assert.equal(rowOfCheckpoint(checkpoint('c', { phase: 'Failed', error }), NOTHING).outcome, 'failed');
    assert.equal(
      rowOfCheckpoint(checkpoint('c', { phase: 'Checkpointed', finishedAt: 't' }), NOTHING).outcome,
      'stored',
    );
    assert.equal(rowOfCheckpoint(checkpoint('c', { phase: 'Checkpointed' }), NOTHING).outcome, undefined);
  });

  it('one row a pod: the parts of a move are not told beside it', () => {
    const made = checkpoint('train-1', { phase: 'Checkpointing' });
    const own = { ...made, metadata: { ...made.metadata, annotations: { 'grit.dev/migration-uid': 'm' } } };
    const scene = {
      ...NOTHING,
      migrations: [migration({ phase: 'Checkpointing' })],
      checkpoints: [own, checkpoint('x', {})],
    };
    assert.deepEqual(
      rowsOfScene(scene, false)
        .map(({ object }) => object)
        .sort(),
      ['checkpoint/x', 'migration/train-1'],
    );
    assert.deepEqual(rowsOfScene({ ...NOTHING, migrations: [ended('Succeeded')] }, false), []);
  });

  it('lines: each phase once, each end once; a terminal is redrawn within its width', () => {
    const row = rowOfMigration(
      migration({ phase: 'Checkpointing', sourceNode: 'a-node-with-a-rather-long-name' }),
      NOTHING,
    );
    const lines = new RecordingTerminal();
    const view = openRowsView(lines, false);
    view.update([row]);
    view.update([row]);
    view.update([{ ...row, outcome: 'moved', to: 'b' }]);
    view.update([{ ...row, outcome: 'moved', to: 'b' }]);
    view.end();
    assert.equal(lines.errors.split('\n').length, 3, lines.errors);
    const screen = new RecordingTerminal(100, true);
    const drawn = openRowsView(screen, false);
    drawn.update(
      Array.from({ length: 60 }, (_, index) => ({ ...row, pod: `train-${index}`, note: 'waits '.repeat(40) })),
    );
    drawn.end();
    assert.match(screen.errors, /… and \d+ more/);
    assert.ok(
      screen.errors
        .replaceAll(/\u001b\[\d*[AJ]/g, '')
        .split('\n')
        .every((line) => line.length < 100),
    );
  });

  it('targets of a status, as kubectl writes them', () => {
    assert.deepEqual(parseTarget('train-0'), { kind: 'pod', name: 'train-0' });
    assert.deepEqual(parseTarget('migration.kaito.sh/x'), { kind: 'migration', name: 'x' });
    assert.deepEqual(parseTarget('no/a'), { kind: 'node', name: 'a' });
    assert.throws(() => parseTarget('job/x'), /none of migration/);
  });
});
