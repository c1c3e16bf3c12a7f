// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SimGpu } from '../../fixtures/simgpu/index.js';
import { until } from '../machine/until.js';
import { CheckpointCaller } from './checkpoint-caller.js';
import { Counting } from './counting.js';
import { missingParts } from './missing-parts.js';

const run = promisify(execFile);

/** A /dev with the daemon's directory and one of its two GPUs, then the program. `$1` is the directory. */
const SCRIPT = `
mount -t tmpfs dev /dev && mkdir /dev/nvidia-sim && mount --bind "$1" /dev/nvidia-sim || exit 1
mknod /dev/nvidiactl c 10 229 && mknod /dev/nvidia1 c 10 229 || exit 1
shift
exec "$@"
`;
const UNSHARE = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

describe('the simulated GPU: a process in namespaces of its own', function () {
  this.timeout(60_000);
  let folder: string;
  let gpu: SimGpu;

  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
    const allowed = await run(UNSHARE[0]!, [...UNSHARE.slice(1), 'true']).then(
      () => true,
      () => false,
    );
    if (!allowed) this.skip('no namespaces can be made here');
  });
  beforeEach(async () => {
    folder = await mkdtemp('/var/tmp/grit-simgpu-test-');
    gpu = await SimGpu.start({ gpus: 2 });
  });
  afterEach(async () => {
    await gpu.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('has its pid of the host, and only the GPU whose node it has', async () => {
    const inside = [...UNSHARE, 'sh', '-c', SCRIPT, 'sh', gpu.directory];
    const outer = await Counting.start(gpu, join(folder, 'out'), [], { where: '/nowhere', inside });
    const caller = new CheckpointCaller([gpu]);
    try {
      const pid = await until('it uses a GPU', async () => (await gpu.processes())[0]?.pid);
      const counting = outer.as(pid);
      await (await counting.ready()).reaches(3);
      assert.deepEqual((await counting.devices('/dev/nvidia')).toSorted(), [
        '/dev/nvidia-sim/channels/0',
        '/dev/nvidia-sim/channels/0',
        '/dev/nvidia1',
        '/dev/nvidiactl',
      ]);
      assert.deepEqual(await caller.calls(pid, 'lock', 'checkpoint'), ['0', '0']);
      assert.deepEqual(await counting.devices('/dev/nvidia'), []);
      const node = `/proc/${pid}/root/dev/nvidia1`;
      await rename(node, `${node}-away`);
      assert.equal(await caller.call('restore', pid), '304');
      await rename(`${node}-away`, node);
      assert.deepEqual(await caller.calls(pid, 'restore', 'unlock'), ['0', '0']);
      const steps = await counting.goesOn();
      assert.equal(steps.at(-1)!.uuid, gpu.uuidOf(1));
    } finally {
      outer.kill();
      await outer.ended;
    }
  });
});
