// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCounters, readCounters } from '../../workloads/counter-logs.js';
import { checkTraining, readTraining } from '../../workloads/training-log.js';

describe('logs of workloads', () => {
  const digest = 'ab'.repeat(32);
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'grit-logs-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const training = (text: string) => {
    writeFileSync(join(folder, 'job.log'), text);
    return readTraining(folder, 'job');
  };

  it('a training that has ended gives its digest', () => {
    const log = training(`step 1 0.5\nstep 2 0.25\nsha256 ${digest}\n`);
    assert.deepEqual(log, { steps: [1, 2], losses: ['0.5', '0.25'], sha256: digest });
    assert.equal(checkTraining(log, 2), digest);
  });

  it('a training is seen while it runs, without the line that is being written', () => {
    assert.deepEqual(readTraining(folder, 'job'), { steps: [], losses: [], sha256: undefined });
    assert.deepEqual(training('step 1 0.5\nstep 2').steps, [1]);
    assert.throws(() => checkTraining(training('step 1 0.5\n'), 1), /has not ended/);
  });

  it('steps that are lost, doubled or begun anew are found', () => {
    for (const steps of [
      [1, 3],
      [1, 2, 2, 3],
      [1, 2, 1, 2, 3],
      [1, 2],
      [2, 3],
    ]) {
      const log = training(`${steps.map((step) => `step ${step} 0.5\n`).join('')}sha256 ${digest}\n`);
      assert.throws(() => checkTraining(log, 3), /lost, doubled or out of order/, String(steps));
    }
    assert.throws(() => training(`sha256 ${digest}\nsha256 ${digest}\n`), /ended twice/);
    assert.throws(() => training('Traceback\n'), /the log of job has the line Traceback/);
  });

  it('counters tell how far they have come together; what does not agree is found', () => {
    const write = (log: string, ...lines: (number | string)[]): void =>
      writeFileSync(join(folder, `pod.${log}`), lines.map((line) => `${line}\n`).join(''));
    const check = (): number => checkCounters(readCounters(folder, 'pod'));
    assert.equal(check(), 0);
    write('left', 1, 2, 3);
    write('right', 1, 2);
    write('sidecar', 1, 2, 3);
    assert.equal(check(), 2);
    write('right', 1, 2, 2);
    assert.throws(check, /right: numbers are lost, doubled or inconsistent/);
    write('right', 1, 2, 3, 4);
    assert.throws(check, /right has written 4, left only 3/);
    write('right', 1, 2);
    appendFileSync(join(folder, 'pod.left'), "inconsistent: 4 wanted, '3' heard, '4' in the file\n");
    assert.throws(check, /left: numbers are lost, doubled or inconsistent/);
  });
});
