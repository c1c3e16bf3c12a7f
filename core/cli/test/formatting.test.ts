// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError } from '@grit/plugin-api';
import { formatBar, formatProgress, formatStepEnd } from '../src/operations/format-step.js';
import { ByteProgress } from '../src/output/byte-progress.js';
import { formatBytes } from '../src/output/format-bytes.js';
import { formatError } from '../src/output/format-error.js';
import { formatAge, formatDuration } from '../src/output/format-time.js';
import { formatTable } from '../src/output/table.js';
import { formatTimings } from '../src/output/timings-table.js';
import { wrap } from '../src/output/wrap.js';
import { formatYaml } from '../src/output/yaml.js';
import { RecordingTerminal } from './recording-terminal.js';

describe('formatting', () => {
  it('bytes, durations and ages', () => {
    assert.deepEqual([0, 1_023, 1_024, 137_573_171].map(formatBytes), ['0 B', '1023 B', '1.0 KiB', '131.2 MiB']);
    assert.deepEqual([0, 999, 12_400, 185_000, 7_620_000].map(formatDuration), [
      '0 ms',
      '999 ms',
      '12.4 s',
      '3m05s',
      '2h07m',
    ]);
    assert.deepEqual(
      [0, 3_000, 300_000, 10_800_000, 777_600_000].map((ms) => formatAge(0, ms)),
      ['0s', '3s', '5m', '3h', '9d'],
    );
  });

  it('a table is as wide as it must be, and cuts only what may be cut', () => {
    const rows = [{ id: 'x'.repeat(30), text: 'word '.repeat(40) }];
    const columns = [
      { title: 'ID', value: (row: { id: string }) => row.id },
      { title: 'TEXT', value: (row: { text: string }) => row.text, shrinks: true },
    ];
    const lines = formatTable(rows, columns, 100).trimEnd().split('\n');
    assert.ok(lines.every((line) => line.length <= 100));
    assert.match(lines[1] ?? '', /^x{30} {2}word .*…$/);
    assert.ok(formatTable(rows, columns).split('\n')[1]!.length > 200);
  });

  it('a table that is too wide has the rest of what is to be read whole in the next lines, below its beginning', () => {
    const text = 'a sentence of some length, and averylongword';
    const columns = [
      { title: 'ID', value: (row: { id: string }) => row.id },
      { title: 'WHY', value: (row: { text: string }) => row.text, wraps: true },
    ];
    const rows = [
      { id: 'x'.repeat(30), text },
      { id: 'y', text: 'z'.repeat(21) },
    ];
    assert.deepEqual(formatTable(rows, columns, 40).trimEnd().split('\n'), [
      `ID${' '.repeat(30)}WHY`,
      `${'x'.repeat(30)}  a sentence of some`,
      `${' '.repeat(32)}length, and`,
      `${' '.repeat(32)}averylongword`,
      `y${' '.repeat(31)}${'z'.repeat(20)}`,
      `${' '.repeat(32)}z`,
    ]);
    assert.equal(formatTable(rows, columns).split('\n').length, 4);
  });

  it('a table never breaks a row at a line break in a value', () => {
    assert.equal(formatTable([{ a: 'x\ny' }], [{ title: 'A', value: ({ a }) => a }]), 'A\nx y\n');
  });

  it('shown timings sum to the shown total, and time between phases is shown', () => {
    const text = formatTimings(
      [
        { phase: 'dump', ms: 100.04 },
        { phase: 'store', ms: 50.04 },
        { phase: 'dump', ms: 0.31 },
      ],
      200,
    );
    const figures = text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => Number(/(\d+\.\d) +\d+\.\d$/.exec(line)?.[1]));
    const total = figures.pop();
    assert.equal(figures.reduce((sum, figure) => sum + figure, 0).toFixed(1), total?.toFixed(1));
    assert.equal(total, 200);
    assert.match(text, /^dump +100\.4 /m);
    assert.match(text, /^\(between\) +49\.6 /m);
  });

  it('an error says cause, code, exit code and what to type next, within the width', () => {
    const error = new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', 'train cannot be checkpointed '.repeat(6).trim(), {
      cause: new Error('outer', { cause: new Error('inner') }),
      details: { findings: [{ message: 'io_uring is open', hint: 'close it', pid: 12, fd: 7 }] },
    });
    const text = formatError(error, { columns: 80, colors: false });
    assert.match(text, /^error: train cannot/);
    assert.match(text, /^cause: outer$/m);
    assert.match(text, /^cause: inner$/m);
    assert.match(text, /^found: pid 12 fd 7: io_uring is open \(close it\)$/m);
    assert.match(text, /^code: GRIT_WORKLOAD_UNCHECKPOINTABLE \(exit 5\)$/m);
    assert.match(text, /^next: /m);
    assert.ok(text.split('\n').every((line) => line.length <= 80));
  });

  it('steps', () => {
    const step = { name: 'store', node: 'a', phase: 'Running' as const, attempt: 1, startedAt: 0 };
    const running = { ...step, progress: { phase: 'store', doneBytes: 2 ** 20, totalBytes: 2 ** 22 } };
    assert.equal(formatProgress(running, 1_000), 'store on a: 1.0 MiB of 4.0 MiB, 1.0 MiB/s, 3.0 s left');
    assert.match(formatBar(running, 1_000, 99), /\[######-{18}\] {3}25 %/);
    assert.ok(formatBar(running, 1_000, 40).length <= 40);
    assert.equal(formatStepEnd({ ...step, phase: 'Succeeded', finishedAt: 120 }), 'store on a: 120 ms');
  });

  it('progress in bytes has rate and time left: lines off a terminal, a bar on one, nothing for programs', () => {
    const told = [0, 1, 2].map((kind) => {
      const terminal = new RecordingTerminal(60, kind === 1);
      let now = 0;
      const progress = new ByteProgress(terminal, kind === 2, () => now);
      for (const [at, doneBytes] of [
        [0, 0],
        [4_000, 2 ** 20],
        [8_000, 2 ** 21],
        [9_000, 2 ** 22],
      ] as const) {
        now = at;
        progress.update({ phase: 'fetch', doneBytes, totalBytes: 2 ** 22 });
      }
      progress.end();
      return terminal.errors;
    });
    assert.equal(told[0], 'fetch: 2.0 MiB of 4.0 MiB, 256.0 KiB/s, 8.0 s left\n');
    const drawn = told[1]!.split('\r\u001b[2K');
    assert.match(drawn[2]!, /^fetch {2}\[######-{18}\] {3}25 % {2}1\.0 MiB of 4\.0/);
    assert.ok(drawn.every((line) => line.length < 60));
    assert.equal(drawn.at(-1), '');
    assert.equal(told[2], '');
  });

  it('text is wrapped between words', () => {
    assert.equal(wrap('aa bb cc dd', 5, '  '), 'aa bb\n  cc dd');
  });

  it('YAML keeps types apart', () => {
    const value = {
      text: 'yes',
      number: '12',
      empty: '',
      list: [{ a: 1, b: ['x'] }, [], {}],
      none: null,
      path: '/a/b',
      left: undefined,
      colon: 'a: b',
      'odd key': true,
      line: 'a\nb',
    };
    assert.equal(
      formatYaml(value),
      'text: "yes"\nnumber: "12"\nempty: ""\nlist:\n  - a: 1\n    b:\n      - x\n  - []\n  - {}\nnone: null\npath: /a/b\n' +
        'colon: "a: b"\n"odd key": true\nline: "a\\nb"\n',
    );
    assert.equal(formatYaml([]), '[]\n');
    assert.equal(formatYaml([[1, 2]]), '- - 1\n  - 2\n');
  });
});
