// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { isGritError } from '@grit/plugin-api';
import { ProxyNvml } from '../../src/nvml/proxy-nvml.js';
import { eventually } from '../cuda/eventually.js';
import { FixtureLibrary } from '../cuda/fixture-library.js';
import { needCompiler } from '../cuda/need-compiler.js';

const signal = new AbortController().signal;
const GIB = 2 ** 30;

describe('NVML in a process of its own', function () {
  this.timeout(120_000);
  before(needCompiler);
  let library: FixtureLibrary;
  beforeEach(async () => {
    library = await FixtureLibrary.build([], join(import.meta.dirname, 'fixture.c'), 'libnvidia-ml.so.1');
  });
  afterEach(async () => library[Symbol.asyncDispose]());

  it('reads the driver and all GPUs that answer; what a GPU does not have is off', async () => {
    const nvml = new ProxyNvml(library.proxies());
    const [version, gpus] = await Promise.all([nvml.driverVersion(signal), nvml.gpus(signal)]);
    assert.equal(version, '580.65.06');
    assert.deepEqual(gpus, [
      {
        uuid: 'GPU-00000000-0000-0000-0000-000000000000',
        name: 'New GPU',
        minor: 5,
        busId: '00000000:00:00.0',
        memoryBytes: 80 * GIB,
        freeBytes: 20 * GIB,
        persistence: true,
        mig: true,
        computeMode: 'default',
      },
      {
        uuid: 'GPU-00000002-0000-0000-0000-000000000000',
        name: 'Old GPU',
        minor: 3,
        busId: '00000000:02:00.0',
        memoryBytes: GIB,
        freeBytes: GIB / 4,
        persistence: false,
        mig: false,
        computeMode: 'exclusive-process',
      },
    ]);
    await eventually('the lost one is in the log', () => library.lines.includes('GPU 1 is lost'));
  });

  it('reads all processes, however many; memory that the driver does not know is none', async () => {
    const processes = await new ProxyNvml(library.proxies()).processes(signal);
    assert.deepEqual(
      processes,
      Array.from({ length: 100 }, (_, index) => ({
        pid: 1_000 + index,
        gpu: 'GPU-00000000-0000-0000-0000-000000000000',
        bytes: index * 2 ** 32,
      })),
    );
  });

  it('an answer other than success is said by call and name', async () => {
    const nvml = new ProxyNvml(library.proxies({ FIXTURE_INIT: '9' }));
    await assert.rejects(nvml.gpus(signal), (error) => {
      assert.ok(isGritError(error));
      assert.equal(error.code, 'GRIT_DEVICE_UNAVAILABLE');
      assert.deepEqual(error.details, { call: 'nvmlInit_v2', result: 9, resultName: 'NVML_ERROR_DRIVER_NOT_LOADED' });
      assert.match(error.hint, /nvidia-smi/);
      return true;
    });
  });

  it('a node without NVML says where it was looked for', async () => {
    await using none = await FixtureLibrary.build();
    await assert.rejects(new ProxyNvml(none.proxies()).driverVersion(signal), {
      code: 'GRIT_DEVICE_UNAVAILABLE',
      message: new RegExp(`libnvidia-ml.so.1 cannot be loaded: it is not in ${none.directory}`),
    });
  });
});
