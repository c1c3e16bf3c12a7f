// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { CudaError } from '../../src/cuda/cuda-error.js';
import type { CheckpointApi } from '../../src/cuda/checkpoint-api.js';
import { openCheckpointApi } from '../../src/cuda/open-checkpoint-api.js';
import { eventually, isGone } from './eventually.js';
import { writeFakeProgram } from './fake-cuda-checkpoint.js';
import { anyPid, FixtureLibrary } from './fixture-library.js';
import { needCompiler } from './need-compiler.js';

const signal = new AbortController().signal;

describe('checkpoint calls through cuda-checkpoint (a stand-in for it)', function () {
  this.timeout(120_000);
  before(needCompiler);
  let library: FixtureLibrary;
  const open = async (limits = {}): Promise<CheckpointApi> => {
    const cudaCheckpoint = await writeFakeProgram(library.directory);
    return openCheckpointApi({
      checkPid: anyPid,
      proxies: library.proxies(),
      cudaCheckpoint,
      limits,
      env: library.env(),
    });
  };
  beforeEach(async () => {
    library = await FixtureLibrary.build();
  });
  afterEach(async () => library[Symbol.asyncDispose]());

  it('reads thread and state; what is no CUDA process has no thread', async () => {
    const api = await open();
    assert.equal(await api.restoreThread(7, signal), 70);
    assert.equal(await api.restoreThread(1_001, signal), undefined);
    assert.equal(await api.state(7, signal), 'checkpointed');
  });

  it('gives the documented options', async () => {
    const api = await open();
    const [from, to] = ['GPU-00010203-0405-0607-0809-0a0b0c0d0e0f', 'GPU-f0f1f2f3-f4f5-f6f7-f8f9-fafbfcfdfeff'];
    await api.lock(7, 1_500, signal);
    await api.checkpoint(7, signal);
    await api.restore(
      7,
      [
        { from, to },
        { from: to, to: from },
      ],
      signal,
    );
    await api.restore(7, [{ from, to: from }], signal);
    await api.unlock(7, signal);
    assert.deepEqual(await library.calls(), [
      '--action lock --timeout 1500 --pid 7',
      '--action checkpoint --pid 7',
      `--action restore --device-map ${from}=${to},${to}=${from} --pid 7`,
      '--action restore --pid 7',
      '--action unlock --pid 7',
    ]);
  });

  it('knows the answer of the driver by its text, and keeps what was said', async () => {
    const api = await open();
    const expect = async (pid: number, result: number, said: RegExp): Promise<void> => {
      await assert.rejects(api.lock(pid, 500, signal), (error) => {
        assert.ok(error instanceof CudaError);
        assert.deepEqual([error.result, error.call], [result, 'cuCheckpointProcessLock']);
        assert.match(error.message, said);
        return true;
      });
    };
    await expect(1_600, 600, /device not ready/);
    await expect(1_304, 304, /OS call failed/);
    await expect(1_777, 999, /words nobody knows/);
    await assert.rejects(api.restoreThread(1_304, signal), CudaError);
  });

  it('a driver that the program cannot use is said to be unavailable', async () => {
    const api = await open();
    await assert.rejects(api.restoreThread(2_000, signal), {
      code: 'GRIT_DEVICE_UNAVAILABLE',
      message: /no CUDA-capable device/,
    });
  });

  it('what it does not expect is refused, not guessed at', async () => {
    const api = await open();
    await assert.rejects(api.state(3_000, signal), { code: 'GRIT_DEVICE_FAILED', message: /hello world/ });
    await assert.rejects(api.restoreThread(3_000, signal), { code: 'GRIT_DEVICE_FAILED', message: /hello world/ });
  });

  it('one that does not end is killed at its limit', async () => {
    const api = await open({ moveMs: 300 });
    await assert.rejects(api.checkpoint(4_000, signal), { code: 'GRIT_TIMEOUT' });
    assert.equal(await api.state(7, signal), 'checkpointed');
  });

  it('an abort ends the wait at once; the program has its limit', async () => {
    const api = await open({ moveMs: 5_000 });
    const controller = new AbortController();
    const aborted = api.checkpoint(4_000, controller.signal);
    const caller = await library.callerOf(4_000);
    controller.abort();
    await assert.rejects(aborted, { code: 'GRIT_ABORTED' });
    process.kill(caller, 'SIGKILL');
    await eventually('the program has ended', async () => isGone(caller));
  });

  it('a program that is not there is said to be so', async () => {
    const api = openCheckpointApi({
      checkPid: anyPid,
      proxies: library.proxies(),
      cudaCheckpoint: '/nonexistent/cuda-checkpoint',
    });
    await assert.rejects(api.state(7, signal), { code: 'GRIT_DEVICE_UNAVAILABLE', message: /nonexistent.*ENOENT/ });
  });
});
