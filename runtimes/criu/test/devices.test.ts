// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isGritError, type ErrorCode, type WorkloadDevice, type WorkloadSpec } from '@grit/plugin-api';
import { eventually } from './node/eventually.js';
import { missingTools } from './node/missing-tools.js';
import { NEVER, TestNode } from './node/test-node.js';

const WORKLOAD = { kind: 'container', name: 'boxed' };
/** Not among what runc allows in every container; kernels have it as /dev/fuse. */
const FUSE = '229';
const REPORT =
  'stat -c "%F %t:%T %a" /dev/x/box; if (exec 9<>/dev/x/box) 2>/dev/null; then echo open; else echo shut; fi';

describe('the devices of a job', () => {
  let node: TestNode;
  let source: string;

  before(async function () {
    const missing = await missingTools();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    node = await TestNode.open();
    source = join(node.directory, 'box');
    await makeDevice(source, FUSE);
  });
  afterEach(async () => node.close());

  const job = (...devices: readonly WorkloadDevice[]): WorkloadSpec => ({
    name: WORKLOAD.name,
    command: ['sh', '-c', `while true; do if [ -e /report ]; then rm /report; ${REPORT}; fi; sleep 0.05; done`],
    devices,
  });
  const inPlace = (): WorkloadSpec => job({ source, destination: '/dev/x/box' });

  async function report(): Promise<string> {
    const before = await node.log(WORKLOAD);
    await writeFile(node.file(WORKLOAD, '/report'), '');
    const added = async (): Promise<string> => (await node.log(WORKLOAD)).slice(before.length);
    await eventually('it reports', async () => /(open|shut)\n$/.test(await added()));
    return added();
  }

  async function told(): Promise<unknown> {
    const file = join(node.environment.workload(WORKLOAD.name).bundle, 'config.json');
    const { linux } = JSON.parse(await readFile(file, 'utf8')) as {
      linux: { devices: readonly object[]; resources: { devices: readonly object[] } };
    };
    return [linux.devices, linux.resources.devices];
  }
  const numbers = (minor: number): object => ({ type: 'c', major: 10, minor });
  const expected = (minor: number): unknown => [
    [{ path: '/dev/x/box', ...numbers(minor), fileMode: 0o640, uid: 0, gid: 0 }],
    [
      { allow: false, access: 'rwm' },
      { allow: true, ...numbers(minor), access: 'rwm' },
    ],
  ];

  it('are in its /dev as they are on the host, and may be opened', async function () {
    if (!(await opens(source))) this.skip('this machine does not open /dev/fuse');
    await node.start(inPlace());
    assert.equal(await report(), 'character special file a:e5 640\nopen\n');
    assert.deepEqual(await told(), expected(229));
  });

  it('stand in the way of a checkpoint while they are open', async function () {
    if (!(await opens(source))) this.skip('this machine does not open /dev/fuse');
    const held = job({ source, destination: '/dev/x/box' });
    const workload = await node.start({ ...held, command: ['sh', '-c', 'exec 9<>/dev/x/box; echo open; sleep 1000'] });
    await eventually('it is open', async () => (await node.log(workload)) !== '');
    const { findings } = await node.driver.preflight(workload, { tcp: 'refuse' }, NEVER);
    // The shell and its sleep.
    assert.deepEqual([...new Set(findings.map(({ reason, fd }) => `${reason} ${String(fd)}`))], ['device 9']);
  });

  it('have the numbers of the node that it is restored on', async () => {
    await node.start(inPlace());
    await report();
    const { held, source: image } = await node.dump(WORKLOAD, 'c-1');
    await node.driver.release(held.hold, 'stop', NEVER);
    await node.launcher.remove(WORKLOAD, NEVER);
    await makeDevice(source, '200');
    await node.restore(image, WORKLOAD);
    assert.match(await report(), /^character special file a:c8 640\n/);
    assert.deepEqual(await told(), expected(200));

    await node.launcher.stop(WORKLOAD, { graceMs: 0 }, NEVER);
    await node.launcher.remove(WORKLOAD, NEVER);
    await rm(source);
    const target = { workload: WORKLOAD, restore: 'r-2', tcp: 'refuse' } as const;
    await assert.rejects(node.driver.prepareRestore(image, target, NEVER), says('GRIT_RESTORE_INCOMPATIBLE', source));
    assert.equal((await node.launcher.inspect(WORKLOAD, NEVER)).state, 'missing');
  });

  it('are refused where they cannot be', async () => {
    const refused = async (code: ErrorCode, words: string, ...spec: readonly WorkloadDevice[]): Promise<void> => {
      await assert.rejects(node.start(job(...spec)), says(code, words), words);
    };
    for (const destination of ['/dev', '/dev/', '/etc/box', '/dev/../etc/box', 'dev/box', '/dev/box/']) {
      await refused('GRIT_REQUEST_INVALID', `destination ${destination} is not`, { source, destination });
    }
    for (const destination of ['/dev/null', '/dev/pts/0', '/dev/shm', '/dev/shm/box', '/dev/mqueue', '/dev/stdin']) {
      await refused('GRIT_REQUEST_INVALID', `${destination} belongs to`, { source, destination });
    }
    await refused('GRIT_REQUEST_INVALID', 'not an absolute path', { source: 'box', destination: '/dev/box' });
    const twice = [
      { source, destination: '/dev/box' },
      { source, destination: '/dev/box/one' },
    ];
    await refused('GRIT_REQUEST_INVALID', "in each other's way", ...twice);
    const missing = { source: `${source}-not`, destination: '/dev/box' };
    await refused('GRIT_WORKLOAD_START_FAILED', `${source}-not is not there`, missing);
    const directory = { source: node.directory, destination: '/dev/box' };
    await refused('GRIT_WORKLOAD_START_FAILED', 'is not a device', directory);
    assert.equal((await node.launcher.inspect(WORKLOAD, NEVER)).state, 'missing');
  });

  it('are never made in a directory of the host', async () => {
    const host = join(node.directory, 'host');
    await mkdir(host);
    const spec = { ...inPlace(), mounts: [{ source: host, destination: '/dev/x' }] };
    await assert.rejects(node.start(spec), says('GRIT_REQUEST_INVALID', '/dev/x/box and /dev/x are in'));
  });
});

function says(code: ErrorCode, words: string): (error: unknown) => true {
  return (error) => {
    assert.ok(isGritError(error), String(error));
    assert.equal(error.code, code);
    assert.ok(error.message.startsWith('devices: ') && error.message.includes(words), error.message);
    return true;
  };
}

async function opens(path: string): Promise<boolean> {
  const file = await open(path, 'r+').catch(() => undefined);
  await file?.close();
  return file !== undefined;
}

/** A character device of major number 10, in place of what is there. */
async function makeDevice(path: string, minor: string): Promise<void> {
  await rm(path, { force: true });
  execFileSync('mknod', [path, 'c', '10', minor]);
  await chmod(path, 0o640);
}
