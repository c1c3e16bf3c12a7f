// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Machine } from './machine/machine.js';

const run = promisify(execFile);
const SUBMIT = join(import.meta.dirname, '..', '..', 'examples', 'plain-producer', 'submit.mjs');
const signal = new AbortController().signal;

describe('a producer with bullmq and ioredis alone', function () {
  this.timeout(60_000);
  let machine: Machine;

  before(async () => {
    machine = await Machine.start();
    const spec = { name: 'sleeper', command: ['/bin/sleep', '3600'] };
    const started = await machine.operate({ apiVersion: 'grit.dev/v1', kind: 'run', spec });
    assert.equal(started.phase, 'Succeeded', JSON.stringify(started.error));
  });

  after(() => machine.stop());

  it('submits a checkpoint and reads its result', async () => {
    const { stdout } = await run(process.execPath, [SUBMIT, 'sleeper', machine.redisSocket]);
    const result = JSON.parse(stdout) as { readonly outcome: string; readonly checkpoint: string };
    assert.equal(result.outcome, 'Checkpointed');
    assert.equal((await machine.client.getCheckpoint(result.checkpoint, signal)).phase, 'Ready');
  });

  it('is told with a code why a job is refused', async () => {
    await assert.rejects(run(process.execPath, [SUBMIT, 'nobody', machine.redisSocket]), /GRIT_WORKLOAD_NOT_FOUND/);
  });
});
