// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault } from '../src/faults/fault.js';
import { Barriers } from '../src/faults/barrier-control.js';
import { withBarriers } from '../src/faults/barriers.js';
import { withFaults, withFaultsFrom } from '../src/faults/with-faults.js';
import { MemoryRuntimeDriver } from '../src/runtime/memory-runtime-driver.js';
import { NEVER, eventually, failsAborted, failsWith } from '../src/suites/expect.js';

const WORKLOAD = { kind: 'container', name: 'w' };

describe('barriers and faults', () => {
  let directory: string;
  let barriers: Barriers;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-faults-'));
    barriers = new Barriers(join(directory, 'barriers'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  const dump = (driver: MemoryRuntimeDriver, signal = NEVER): Promise<unknown> =>
    driver.checkpoint(WORKLOAD, { directory, add: () => undefined }, { checkpoint: 'c', tcp: 'refuse' }, signal);

  async function running(faults: readonly Fault[] = []): Promise<MemoryRuntimeDriver> {
    const driver = withFaults(new MemoryRuntimeDriver(), faults);
    await driver.start({ name: 'w', command: ['count'] }, NEVER);
    return driver;
  }

  it('a barrier stops a call before it is made and after it was made', async () => {
    const driver = withBarriers(await running(), barriers.directory);
    for (const [point, held] of [
      ['checkpoint.before', 0],
      ['checkpoint.after', 1],
    ] as const) {
      await barriers.set(point);
      const call = dump(driver);
      assert.equal(await barriers.untilReached(point), process.pid);
      assert.equal((await driver.holds(NEVER)).length, held);
      await barriers.lift(point);
      await call;
      await driver.release({ id: 'c', workload: WORKLOAD, since: 0 }, 'resume', NEVER);
    }
  });

  it('an abort ends the waiting, and the call is not made', async () => {
    const driver = withBarriers(await running(), barriers.directory);
    await barriers.set('checkpoint.before');
    const controller = new AbortController();
    const call = dump(driver, controller.signal);
    await barriers.untilReached('checkpoint.before');
    controller.abort();
    await failsAborted(call);
    assert.deepEqual(await driver.holds(NEVER), []);
  });

  it('a real process is stopped at a point from outside and killed there', async () => {
    await barriers.set('start.before');
    const child = startProcess(barriers.directory);
    assert.equal(await barriers.untilReached('start.before'), child.pid);
    child.kill('SIGKILL');
    assert.deepEqual(await once(child, 'exit'), [null, 'SIGKILL']);
    await barriers.lift('start.before');
    assert.deepEqual(await once(startProcess(barriers.directory), 'exit'), [0, null]);
  });

  it('a planted fault ends a real process at its point', async () => {
    await barriers.plant({ at: 'start.after', kill: true });
    assert.deepEqual(await once(startProcess(barriers.directory), 'exit'), [null, 'SIGKILL']);
    await barriers.clear('start.after');
    assert.deepEqual(await once(startProcess(barriers.directory), 'exit'), [0, null]);
  });

  it('a fault strikes at the n-th call only, with the code asked for', async () => {
    const driver = await running([{ at: 'checkpoint.before', call: 2, code: 'GRIT_DUMP_FAILED' }]);
    await dump(driver);
    const error = await failsWith(dump(driver), 'GRIT_DUMP_FAILED');
    assert.match(error.message, /injected at checkpoint\.before/);
    await dump(driver);
  });

  it('errors of the operating system come as a good driver reports them', async () => {
    const driver = await running([
      { at: 'checkpoint.before', errno: 'ENOSPC' },
      { at: 'restore.before', errno: 'EIO' },
    ]);
    const error = await failsWith(dump(driver), 'GRIT_NODE_STORAGE_FULL');
    assert.equal((error.cause as NodeJS.ErrnoException).code, 'ENOSPC');
    const prepared = { restore: 'r', workload: WORKLOAD, data: null, timings: [] };
    const source = { checkpoint: 'c', directory, parts: [], runtime: { driver: 'memory', version: 1, data: null } };
    await failsWith(driver.restore(prepared, source, NEVER), 'GRIT_RESTORE_FAILED');
  });

  it('latency delays the call and ends with its signal', async () => {
    const driver = await running([{ at: 'checkpoint.before', latencyMs: 60_000 }]);
    const controller = new AbortController();
    const call = dump(driver, controller.signal);
    controller.abort();
    await failsAborted(call);
  });

  it('faults can be planted and cleared while the driver runs', async () => {
    const driver = withFaultsFrom(await running(), [barriers.directory]);
    await barriers.plant({ at: 'inspect.before', code: 'GRIT_RUNTIME_UNAVAILABLE' });
    await failsWith(driver.inspect(WORKLOAD, NEVER), 'GRIT_RUNTIME_UNAVAILABLE');
    await barriers.clear('inspect.before');
    await eventually('it works again', async () => (await driver.inspect(WORKLOAD, NEVER)).state === 'running');
  });
});

function startProcess(directory: string): ChildProcess {
  const program = `
    import { withBarriers } from ${JSON.stringify(new URL('../src/faults/barriers.ts', import.meta.url).href)};
    import { withFaultsFrom } from ${JSON.stringify(new URL('../src/faults/with-faults.ts', import.meta.url).href)};
    import { MemoryRuntimeDriver } from ${JSON.stringify(new URL('../src/runtime/memory-runtime-driver.ts', import.meta.url).href)};
    const directory = ${JSON.stringify(directory)};
    const driver = withBarriers(withFaultsFrom(new MemoryRuntimeDriver(), [directory]), directory);
    await driver.start({ name: 'w', command: ['count'] }, new AbortController().signal);
  `;
  const args = ['--import=tsx', '--input-type=module', '--eval', program];
  return spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
