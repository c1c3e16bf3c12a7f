// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { SimGpu } from '../../fixtures/simgpu/index.js';
import { Machine } from '../machine/machine.js';
import { until } from '../machine/until.js';
import { missingParts } from '../simgpu/missing-parts.js';
import { Counter, counterSpec } from './counter.js';

const NEVER = new AbortController().signal;
const SLOW_MS = 3_000;

describe('an agent that is killed while a GPU is being quiesced', function () {
  this.timeout(180_000);
  let gpu: SimGpu | undefined;
  let machine: Machine | undefined;

  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
    gpu = await SimGpu.start({ memoryMib: 256 });
    process.env['SIMGPU_DIR'] = gpu.directory;
    const config = { libraryDirectory: gpu.files.libraries };
    machine = await Machine.start({ use: '@grit/runtime-nvidia', config });
  });
  after(async () => {
    await machine?.stop();
    await gpu?.stop();
    delete process.env['SIMGPU_DIR'];
  });

  for (const [state, slow, when] of [
    ['locked', 'checkpoint', 'between lock and checkpoint'],
    ['checkpointed', 'restore', 'after the checkpoint'],
  ] as const) {
    it(`${when}: the next one takes it back, and the checkpoint comes to its end`, async () => {
      assert.ok(gpu !== undefined && machine !== undefined);
      const { client } = machine;
      const workload = { kind: 'container', name: `killed-${state}` } as const;
      const spec = counterSpec(gpu, workload.name);
      assert.equal((await machine.operate({ apiVersion: 'grit.dev/v1', kind: 'run', spec })).outcome, 'Started');
      const log = async (): Promise<string> => (await client.getWorkload(workload.name, NEVER)).logPath ?? '';
      const job = new Counter(gpu, workload, log);
      await job.untilGrown();

      await gpu.set({ callMs: { [slow]: SLOW_MS } });
      const request = { apiVersion: 'grit.dev/v1', kind: 'checkpoint', workload, afterCheckpoint: 'resume' } as const;
      const { id } = await client.submit(request, NEVER);
      await until(`it is ${state}`, async () => (await gpu?.processes())?.some((process) => process.state === state));
      await machine.kill('agent');
      await gpu.clear();

      const done = await machine.end(id);
      assert.equal(done.outcome, 'Checkpointed', JSON.stringify(done.error));
      await job.untilGrown();
      await job.check();
      assert.deepEqual(
        (await gpu.processes()).map((process) => process.state),
        ['running'],
      );
      await machine.operate({ apiVersion: 'grit.dev/v1', kind: 'stop', workload, graceMs: 0 });
    });
  }
});
