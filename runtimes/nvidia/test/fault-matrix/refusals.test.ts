// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { DeviceMap, DeviceRecord, DeviceUse, ErrorCode } from '@grit/plugin-api';
import { SimGpu, type SimGpuOptions } from '../../../../test/fixtures/simgpu/index.js';
import type { DriverProxies } from '../../src/cuda/driver-proxies.js';
import { parseMap } from '../../src/device/device-map.js';
import { NvidiaDeviceDriver } from '../../src/device/nvidia-device-driver.js';
import { ProxyNvml } from '../../src/nvml/proxy-nvml.js';
import { Job, proxiesFor } from './job.js';
import { needSimGpu } from './need-sim-gpu.js';

const signal = new AbortController().signal;
const NODES = ['/dev/nvidia0', '/dev/nvidia1'];
const MEMORY_MIB = 64;
const NOBODY = 'GPU-00000000-0000-0000-0000-000000000000';

/** Whatever the target lacks is said by planRestore, before anything is made there; the source is as it was. */
describe('a restore on GPUs that do not fit', function () {
  this.timeout(180_000);
  let job: Job;
  let uses: readonly DeviceUse[];
  let record: DeviceRecord;
  let target: SimGpu | undefined;
  let proxies: DriverProxies | undefined;

  before(needSimGpu);
  before(async () => {
    job = await Job.start(2);
    uses = await job.uses();
    record = JSON.parse(JSON.stringify((await job.driver.quiesce(uses, signal)).record)) as DeviceRecord;
  });
  afterEach(async () => {
    await proxies?.close();
    await target?.stop();
    proxies = target = undefined;
    for (const { pid } of uses) assert.equal(await job.cuda.state(pid, signal), 'checkpointed');
  });
  after(async () => {
    if ((job as Job | undefined) === undefined) return;
    await job.driver.resume(uses, signal);
    await job.allGoOn().finally(async () => job.stop());
  });

  async function plan(
    options: SimGpuOptions,
    nodes: readonly string[] = NODES,
    map: (sim: SimGpu) => string = () => '',
    prepare: (sim: SimGpu) => Promise<void> = async () => undefined,
  ): Promise<DeviceMap> {
    target = await SimGpu.start({ gpus: 2, memoryMib: MEMORY_MIB, ...options });
    proxies = proxiesFor(target);
    await prepare(target);
    const wanted = map(target);
    const driver = new NvidiaDeviceDriver({
      cuda: job.cuda,
      nvml: new ProxyNvml(proxies),
      lockTimeoutMs: 1,
      map: wanted === '' ? new Map() : parseMap(wanted),
    });
    return driver.planRestore(record, [{ container: 'job', nodes }], signal);
  }

  async function refused(code: ErrorCode, message: RegExp, ...target: Parameters<typeof plan>): Promise<void> {
    await assert.rejects(plan(...target), { code, message });
  }

  it('those of another node that fit are taken', async () => {
    const map = await plan({});
    assert.deepEqual(map, Object.fromEntries(job.sim.gpus.map(({ uuid }, index) => [uuid, target!.uuidOf(index)])));
  });

  it('one GPU fewer', async () => {
    await refused('GRIT_RESTORE_INCOMPATIBLE', /had 2 GPUs, here are 1 GPU$/, { gpus: 1 });
  });

  it('as many GPUs, but not all of them in the container', async () => {
    await refused('GRIT_RESTORE_INCOMPATIBLE', /had 2 GPUs, here are 1 GPU$/, {}, ['/dev/nvidia1']);
  });

  it('another model', async () => {
    await refused('GRIT_RESTORE_INCOMPATIBLE', /no GPU here can stand for/, { name: 'Another Model' });
  });

  it('the same model with less memory', async () => {
    await refused('GRIT_RESTORE_INCOMPATIBLE', /no GPU here can stand for/, { memoryMib: MEMORY_MIB / 2 });
  });

  it('too little free memory', async () => {
    const full = async (sim: SimGpu): Promise<void> => sim.set({ gpu: 1, freeMib: 0 });
    await refused('GRIT_DEVICE_BUSY', /has 0 MiB free, the processes need 1 MiB/, {}, NODES, undefined, full);
  });

  it('another version of the driver', async () => {
    const driver = '580.99.01';
    await refused('GRIT_RESTORE_INCOMPATIBLE', /580\.65\.06 mapped; this node has 580\.99\.01$/, { driver });
  });

  it('MIG switched on', async () => {
    const on = async (sim: SimGpu): Promise<void> => sim.set({ gpu: 0, mig: true });
    await refused('GRIT_RESTORE_INCOMPATIBLE', /no GPU here can stand for/, {}, NODES, undefined, on);
  });

  it('an explicit map to a GPU that is not there', async () => {
    const map = (): string => `${job.sim.uuidOf(0)}=${NOBODY}`;
    await refused('GRIT_RESTORE_INCOMPATIBLE', /gpuMap wants GPU-0.*, which is not there/, {}, NODES, map);
  });

  it('an explicit map of two GPUs to one', async () => {
    const map = (sim: SimGpu): string => job.sim.gpus.map(({ uuid }) => `${uuid}=${sim.uuidOf(0)}`).join(',');
    await refused('GRIT_RESTORE_INCOMPATIBLE', /to two GPUs of the source/, {}, NODES, map);
  });

  it('an explicit map to another model', async () => {
    const map = (sim: SimGpu): string => `${job.sim.uuidOf(0)}=${sim.uuidOf(1)}`;
    await refused('GRIT_RESTORE_INCOMPATIBLE', /cannot stand for/, { name: 'Another Model' }, NODES, map);
  });

  it('an explicit map that is none', () => {
    for (const text of ['', 'GPU-1=GPU-2', NOBODY, `${NOBODY}=${NOBODY}=${NOBODY}`, `${NOBODY}=${NOBODY},`]) {
      assert.throws(() => parseMap(text), { code: 'GRIT_CONFIG_INVALID' }, JSON.stringify(text));
    }
  });

  it('room that went away since: nothing is begun, and it can be tried again', async () => {
    await job.sim.set({ freeMib: 0 });
    await assert.rejects(job.driver.restore(job.swapped(uses), signal), { code: 'GRIT_DEVICE_BUSY' });
    await job.sim.set({ freeMib: MEMORY_MIB });
  });
});
