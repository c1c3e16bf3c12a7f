// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isGritError } from '@grit/plugin-api';
import { openCheckpointApi } from '../../src/cuda/open-checkpoint-api.js';
import { eachWithLibrary } from './each-with-library.js';
import { writeFakeProgram } from './fake-cuda-checkpoint.js';
import { anyPid, FixtureLibrary } from './fixture-library.js';

const signal = new AbortController().signal;

describe('the way to the CUDA driver', function () {
  this.timeout(120_000);
  let library: FixtureLibrary;
  eachWithLibrary((built) => {
    library = built;
  });

  const hide = async (): Promise<void> =>
    rename(join(library.directory, 'libcuda.so.1'), join(library.directory, 'hidden'));

  it('is the library where there is one, even beside the program', async () => {
    const program = await writeFakeProgram(library.directory);
    const api = openCheckpointApi({
      checkPid: anyPid,
      proxies: library.proxies(),
      env: library.env({ PATH: dirname(program) }),
    });
    assert.equal(await api.state(1, signal), 'locked');
    assert.deepEqual(await library.calls(), []);
  });

  it('is the program in PATH where the library cannot be loaded', async () => {
    await hide();
    const program = await writeFakeProgram(library.directory);
    const PATH = `${dirname(program)}:${String(process.env['PATH'])}`;
    const api = openCheckpointApi({ checkPid: anyPid, proxies: library.proxies(), env: library.env({ PATH }) });
    assert.equal(await api.state(1, signal), 'checkpointed');
  });

  it('without either, both reasons are told; when a driver comes, it is found', async () => {
    await hide();
    const api = openCheckpointApi({
      checkPid: anyPid,
      proxies: library.proxies(),
      env: library.env({ PATH: '/nonexistent' }),
    });
    await assert.rejects(api.state(1, signal), (error) => {
      assert.ok(isGritError(error));
      assert.equal(error.code, 'GRIT_DEVICE_UNAVAILABLE');
      assert.match(JSON.stringify(error.details?.['library']), /libcuda\.so\.1 cannot be loaded: it is not in/);
      assert.match(JSON.stringify(error.details?.['program']), /not in PATH/);
      assert.match(error.hint, /libraryDirectory/);
      return true;
    });
    await rename(join(library.directory, 'hidden'), join(library.directory, 'libcuda.so.1'));
    assert.equal(await api.state(1, signal), 'locked');
  });

  it('a driver that is too old is named, with what is needed', async () => {
    await using old = await FixtureLibrary.build(['-DTOO_OLD']);
    const program = await writeFakeProgram(old.directory);
    const api = openCheckpointApi({
      checkPid: anyPid,
      proxies: old.proxies(),
      env: old.env({ PATH: dirname(program) }),
    });
    await assert.rejects(api.state(1, signal), {
      code: 'GRIT_DEVICE_UNAVAILABLE',
      message: /without checkpoint calls/,
      hint: /570/,
    });
  });
});
