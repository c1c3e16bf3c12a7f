// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { CheckpointRecord, OperationStatus } from '@grit/plugin-api';
import type { NodeRecord, PluginReport, WorkloadRecord } from '@grit/core';
import type { CommandContext } from '../src/command-context.js';
import { openProgressView } from '../src/operations/progress-view.js';
import { checkpointColumns } from '../src/records/checkpoint-columns.js';
import { describeCheckpoint } from '../src/records/describe-checkpoint.js';
import { describeOperation } from '../src/records/describe-operation.js';
import { describeWorkload } from '../src/records/describe-workload.js';
import { nodeColumns } from '../src/records/node-columns.js';
import { operationColumns } from '../src/records/operation-columns.js';
import { PLUGIN_COLUMNS } from '../src/records/plugin-columns.js';
import { printList } from '../src/records/print-list.js';
import { workloadColumns } from '../src/records/workload-columns.js';
import type { Column } from '../src/output/table.js';
import { operationStatus } from './operation-status.js';
import { RecordingTerminal } from './recording-terminal.js';

const HASH = 'f'.repeat(64);
const workload: WorkloadRecord = {
  workload: { kind: 'container', name: 'resnet-50-night-run' },
  node: 'node-b',
  spec: {
    name: 'resnet-50-night-run',
    command: ['python3', '/srv/train.py', '--epochs', '100', "it's"],
    env: { A: '1' },
  },
  state: 'exited',
  exitCode: 137,
  logPath: '/root/.local/state/grit/nodes/node-b/runtime-criu/resnet-50-night-run/log',
  restoredFrom: 'cp-01jcy3v5qk0abcdefg0a',
  busy: undefined,
  hold: undefined,
  createdAt: 0,
  updatedAt: 0,
};
const checkpoint: CheckpointRecord = {
  id: 'cp-01jcy3v5qk0abcdefg0a',
  workload: workload.workload,
  node: 'node-b',
  storage: 'a-store-with-a-long-name-indeed',
  phase: 'Ready',
  operation: 'op-01jcy3v5qk0abcdefg0',
  manifestDigest: `sha256:${HASH}`,
  size: 137_573_171,
  bytes: { data: 100_000_000, fresh: 7_900_000, stored: 2_000_000 },
  parent: 'cp-01jcy3v5qk0abcdefg09',
  timings: [{ phase: 'dump', ms: 10 }],
  pinned: false,
  createdAt: 0,
};
const node: NodeRecord = {
  name: 'node-b',
  incarnation: '0190-1',
  ready: true,
  lastSeen: 0,
  facts: {
    ready: true,
    problems: [],
    facts: { arch: 'x86_64', kernel: '6.18.0-cloud-amd64-with-a-tail', runc: '1.1.5', criu: '4.2.1' },
  },
};
const plugin: PluginReport = {
  name: 'runtime-criu',
  id: 'grit.runtime-criu',
  kind: 'runtime-driver',
  version: '0.1.0',
  apiVersion: '1',
  source: '/work/somewhere/node_modules/@grit/runtime-criu',
  state: 'started',
  provides: ['grit.runtime-driver', 'grit.workload-launcher', 'grit.workload-resolver'],
  capabilities: ['checkpoint', 'restore', 'tcp'],
  config: {},
  startedInMs: 12.3,
  host: 'agent node-b',
};
const status = operationStatus({ id: 'op-01jcy3v5qk0abcdefg0', workload: workload.workload });

function print<Row>(rows: readonly Row[], columns: readonly Column<Row>[], format: string): string {
  const terminal = new RecordingTerminal();
  printList({ terminal, format } as unknown as CommandContext, rows, columns, 'none');
  return terminal.output;
}

describe('records', () => {
  it('tables fit 100 columns and keep ids whole; wide ones show everything', () => {
    const tables = [
      [print([workload], workloadColumns(1e9), 'table'), workload.restoredFrom],
      [print([checkpoint], checkpointColumns(1e9), 'table'), checkpoint.id],
      [print([status], operationColumns(1e9), 'table'), status.id],
      [print([node], nodeColumns(1e9), 'table'), node.name],
      [print([plugin], PLUGIN_COLUMNS, 'table'), plugin.name],
    ] as const;
    for (const [text, id] of tables) {
      for (const line of text.split('\n')) assert.ok(line.length <= 100, `${String(line.length)}: ${line}`);
      assert.ok(text.includes(id ?? ''));
    }
    assert.ok(print([checkpoint], checkpointColumns(1e9), 'wide').includes(HASH));
    assert.ok(print([workload], workloadColumns(1e9), 'wide').includes(workload.logPath ?? ''));
  });

  it('JSON is what the server said', () => {
    assert.deepEqual(JSON.parse(print([checkpoint], checkpointColumns(0), 'json')), [checkpoint]);
    assert.match(print([workload], workloadColumns(0), 'yaml'), /^- workload:\n {4}kind: container\n/);
  });

  it('an empty list is no table, and says what to do', () => {
    assert.equal(print([], PLUGIN_COLUMNS, 'table'), '');
    assert.equal(print([], PLUGIN_COLUMNS, 'json'), '[]\n');
  });

  it('descriptions', () => {
    assert.match(describeWorkload(workload), /^command: +python3 \/srv\/train\.py --epochs 100 'it'\\''s'$/m);
    assert.match(describeWorkload(workload), /^state: +exited 137$/m);
    assert.match(describeCheckpoint(checkpoint), /^next: grit restore cp-01jcy3v5qk0abcdefg0a$/m);
    assert.match(describeCheckpoint(checkpoint), /^new: +7\.5 MiB \(7\.9 %\) that no earlier image had$/m);
    assert.match(describeCheckpoint(checkpoint), /^stored: +1\.9 MiB \(1\.5 % of the size\) added to the store$/m);
    const failed: OperationStatus = {
      ...status,
      phase: 'Failed',
      outcome: 'Resumed',
      steps: [{ name: 'dump', node: 'node-b', phase: 'Failed', attempt: 2, startedAt: 1_010, finishedAt: 1_200 }],
      error: { code: 'GRIT_DUMP_FAILED', message: 'no', hint: 'look', retryable: false, docs: '', causes: ['a', 'b'] },
    };
    const text = describeOperation(failed, 100);
    assert.match(text, /^dump +node-b +Failed +2 +10 +190$/m);
    assert.match(text, /^total +300\.0 /m);
    assert.match(text, /^cause: a\ncause: b\nnext: +look$/m);
  });

  it('a checkpoint with a parent says whether precopy would pay', () => {
    const describe = (changes: Partial<CheckpointRecord>) => describeCheckpoint({ ...checkpoint, ...changes });
    const fresh = (bytes: number) => ({ bytes: { data: 100_000_000, fresh: bytes, stored: 0 } });
    assert.match(describe({}), /^7\.9 % of the data changed since cp-01jcy3v5qk0abcdefg09: .* would pay\.$/m);
    assert.match(describe(fresh(20_000_000)), /^20\.0 % .* would pay\.$/m);
    assert.match(describe(fresh(88_000_000)), /^88\.0 % .* would not pay\.$/m);
    for (const silent of [{ parent: undefined }, { bytes: undefined }, { bytes: { data: 0, fresh: 0, stored: 0 } }]) {
      assert.doesNotMatch(describe(silent), /precopy/);
    }
  });

  it('progress: plain lines off a terminal, bars on one, nothing for programs', () => {
    const step = { name: 'store', node: 'a', attempt: 1, startedAt: 0 };
    const running = operationStatus({
      steps: [{ ...step, phase: 'Running', progress: { phase: 'store', doneBytes: 1, totalBytes: 2 } }],
    });
    const ended = operationStatus({ steps: [{ ...step, phase: 'Succeeded', finishedAt: 5 }] });
    const show = (interactive: boolean, silent: boolean) => {
      const terminal = new RecordingTerminal(100, interactive);
      const view = openProgressView(terminal, silent);
      for (const each of [running, ended, ended]) view.update(each);
      view.end();
      assert.equal(terminal.output, '');
      return terminal.errors;
    };
    assert.equal(show(false, false), 'store on a: 5 ms\n');
    assert.match(show(true, false), /^\r\u001b\[2Kstore .*\[#{12}-{12}\] +50 %.*\r\u001b\[2Kstore on a: 5 ms\n$/);
    assert.equal(show(true, true), '');
  });
});
