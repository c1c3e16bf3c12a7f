// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { GpuPair } from '../../src/cuda/checkpoint-api.js';
import { CudaError } from '../../src/cuda/cuda-error.js';
import { openCheckpointApi } from '../../src/cuda/open-checkpoint-api.js';
import { toGritError } from '../../src/cuda/to-grit-error.js';
import { eachWithLibrary } from './each-with-library.js';
import { anyPid, FixtureLibrary } from './fixture-library.js';

const signal = new AbortController().signal;
const PAIR: GpuPair = {
  from: 'GPU-00010203-0405-0607-0809-0a0b0c0d0e0f',
  to: 'GPU-f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff',
};
const PAIR_BYTES = '000102030405060708090a0b0c0d0e0ff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff';

describe('checkpoint calls through libcuda', function () {
  this.timeout(120_000);
  let library: FixtureLibrary;
  eachWithLibrary((built) => {
    library = built;
  });

  it('asks for thread and state; what is no CUDA process has no thread', async () => {
    const api = openCheckpointApi({ checkPid: anyPid, proxies: library.proxies() });
    assert.equal(await api.restoreThread(7, signal), 70);
    assert.equal(await api.restoreThread(1_001, signal), undefined);
    assert.equal(await api.restoreThread(1_003, signal), undefined);
    const states = await Promise.all([1, 2, 3, 4, 5].map(async (pid) => api.state(pid, signal)));
    assert.deepEqual(states, ['locked', 'checkpointed', 'failed', 'checkpointing', 'restoring']);
    await assert.rejects(api.state(6, signal), { code: 'GRIT_DEVICE_FAILED', message: /pid 6 .*: 6/ });
  });

  it('where the driver itself cannot begin, nothing is said of the process', async () => {
    const api = openCheckpointApi({ checkPid: anyPid, proxies: library.proxies({ FIXTURE_NO_DEVICE: '1' }) });
    await assert.rejects(api.restoreThread(1_003, signal), (error) => {
      assert.equal(toGritError(error).code, 'GRIT_DEVICE_UNAVAILABLE');
      return true;
    });
  });

  it('gives each call its struct; cuInit comes once, before the first restore', async () => {
    const api = openCheckpointApi({ checkPid: anyPid, proxies: library.proxies() });
    await api.lock(7, 1_500, signal);
    await api.checkpoint(7, signal);
    await api.restore(7, [PAIR, { from: PAIR.to, to: PAIR.from }], signal);
    await api.restore(7, [], signal);
    await api.unlock(7, signal);
    assert.deepEqual(await library.calls(), [
      'lock 7 bare 1500',
      'checkpoint 7 bare',
      'cuInit',
      `restore 7 initialised 2 ${PAIR_BYTES}${PAIR_BYTES.slice(32)}${PAIR_BYTES.slice(0, 32)}`,
      'restore 7 initialised 0',
      'unlock 7 initialised',
    ]);
  });

  it('gets ready for many actions: cuInit is done in a process for each', async () => {
    const pids = [30_001, 30_002, 30_003];
    const api = openCheckpointApi({
      checkPid: anyPid,
      proxies: library.proxies({ FIXTURE_TOGETHER: String(pids.length) }),
    });
    await api.prepare(pids.length, signal);
    assert.deepEqual(await library.calls(), ['cuInit', 'cuInit', 'cuInit']);
    await Promise.all(pids.map(async (pid) => api.lock(pid, 500, signal)));
    const calls = await library.calls();
    assert.deepEqual(
      calls.slice(3).sort(),
      pids.map((pid) => `lock ${pid} initialised 500`),
    );
  });

  it('to get ready never fails but by an abort', async () => {
    const api = openCheckpointApi({ checkPid: anyPid, proxies: library.proxies({ FIXTURE_NO_DEVICE: '1' }) });
    await api.prepare(1, signal);
    await assert.rejects(api.prepare(1, AbortSignal.abort()), { code: 'GRIT_ABORTED' });
    await using none = await FixtureLibrary.build(['-DTOO_OLD']);
    await openCheckpointApi({ checkPid: anyPid, proxies: none.proxies() }).prepare(1, signal);
  });

  it('an older driver restores to the same GPUs only', async () => {
    const api = openCheckpointApi({ checkPid: anyPid, proxies: library.proxies({ FIXTURE_VERSION: '12080' }) });
    await assert.rejects(api.restore(7, [PAIR], signal), { code: 'GRIT_DEVICE_UNAVAILABLE', hint: /580/ });
    await api.restore(7, [{ from: PAIR.from, to: PAIR.from }], signal);
    assert.deepEqual(await library.calls(), ['cuInit', 'restore 7 initialised 0']);
  });

  it('what is no UUID is refused before anything is called', async () => {
    const api = openCheckpointApi({ checkPid: anyPid, proxies: library.proxies() });
    await assert.rejects(api.restore(7, [{ from: '0', to: '1' }], signal), { code: 'GRIT_REQUEST_INVALID' });
    assert.deepEqual(await library.calls(), []);
  });

  it('every answer of the driver comes through, from every call', async () => {
    const api = openCheckpointApi({ checkPid: anyPid, proxies: library.proxies() });
    const calls = {
      cuCheckpointProcessGetState: async (pid: number) => api.state(pid, signal),
      cuCheckpointProcessLock: async (pid: number) => api.lock(pid, 500, signal),
      cuCheckpointProcessCheckpoint: async (pid: number) => api.checkpoint(pid, signal),
      cuCheckpointProcessRestore: async (pid: number) => api.restore(pid, [], signal),
      cuCheckpointProcessUnlock: async (pid: number) => api.unlock(pid, signal),
    };
    for (const [call, make] of Object.entries(calls)) {
      for (const result of [1, 2, 3, 201, 304, 401, 600, 801, 900]) {
        await assert.rejects(make(1_000 + result), (error) => {
          assert.ok(error instanceof CudaError);
          assert.deepEqual([error.result, error.call, error.pid], [result, call, 1_000 + result]);
          return true;
        });
      }
    }
  });
});
