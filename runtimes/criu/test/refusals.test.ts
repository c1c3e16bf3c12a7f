// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { isGritError, type PreflightFinding, type WorkloadRef, type WorkloadSpec } from '@grit/plugin-api';
import { eventually } from './node/eventually.js';
import { missingTools } from './node/missing-tools.js';
import { NEVER, TestNode } from './node/test-node.js';

const WORKLOADS = join(import.meta.dirname, 'workloads');

describe('preflight', () => {
  let node: TestNode;

  before(async function () {
    const missing = await missingTools();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    node = await TestNode.open();
  });
  afterEach(async () => node.close());

  async function findings(
    workload: WorkloadRef,
    tcp: 'refuse' | 'keep' | 'close' = 'refuse',
  ): Promise<readonly PreflightFinding[]> {
    return (await node.driver.preflight(workload, { tcp }, NEVER)).findings;
  }

  it('refuses an io_uring, with pid and fd', async function () {
    const workload = await start(node, 'io-uring.py');
    await eventually('it is open', async () => (await node.log(workload)).includes('fd'));
    const fd = Number(/fd (-?\d+)/.exec(await node.log(workload))?.[1]);
    if (fd < 0) this.skip('this kernel has no io_uring');
    const { pid } = await node.launcher.inspect(workload, NEVER);
    const found = await findings(workload);
    const [finding] = found.filter((entry) => entry.fd !== undefined);
    assert.deepEqual([finding?.severity, finding?.reason, finding?.pid, finding?.fd], ['blocker', 'io-uring', pid, fd]);
    assert.equal((await node.launcher.inspect(workload, NEVER)).state, 'running');
    assert.deepEqual(await node.driver.holds(NEVER), []);
  });

  it('refuses an open device, with pid and fd', async function () {
    const device = '/dev/net/tun';
    const there = await access(device).then(
      () => true,
      () => false,
    );
    if (!there) this.skip(`this machine has no ${device}`);
    const command = ['sh', '-c', `exec 9<>${device}; echo open; sleep 1000`];
    const workload = await node.start({
      name: 'device',
      command,
      mounts: [{ source: device, destination: '/dev/net/tun' }],
    });
    await eventually('it is open', async () => (await node.log(workload)) !== '');
    const { pid } = await node.launcher.inspect(workload, NEVER);
    const finding = (await findings(workload)).find((entry) => entry.pid === pid);
    assert.deepEqual([finding?.severity, finding?.reason, finding?.fd], ['blocker', 'device', 9]);
  });

  it('finds nothing at an ordinary job, and estimates its memory', async () => {
    const workload = await start(node, 'everything.py');
    await eventually('it works', async () => (await node.log(workload)).includes('round 2'));
    const report = await node.driver.preflight(workload, { tcp: 'refuse' }, NEVER);
    assert.deepEqual(report.findings, []);
    assert.ok(report.estimatedBytes > 1_000_000, String(report.estimatedBytes));
  });

  it('refuses an open TCP connection unless a policy says what is to be done', async () => {
    const workload = await start(node, 'connected.py');
    await eventually('it talks', async () => (await node.log(workload)).includes('answer 3'));
    const refused = await findings(workload, 'refuse');
    assert.ok(refused.length >= 2, 'both ends are named');
    assert.ok(
      refused.every(
        ({ reason, severity, pid, fd }) => reason === 'tcp-connection' && severity === 'blocker' && pid && fd,
      ),
    );
    assert.deepEqual(await findings(workload, 'keep'), []);
    assert.ok((await findings(workload, 'close')).every(({ severity }) => severity === 'warning'));
  });

  for (const tcp of ['keep', 'close'] as const) {
    it(`a TCP connection is restored by policy: ${tcp}`, async () => {
      const workload = await start(node, 'connected.py');
      await eventually('it talks', async () => (await node.log(workload)).includes('answer 3'));
      const { held, source } = await node.dump(workload, 'c-1', { tcp });
      await node.driver.release(held.hold, 'stop', NEVER);
      const before = await node.log(workload);
      await node.launcher.remove(workload, NEVER);
      await node.restore(source, workload, 'r-1', tcp);
      const added = async (): Promise<string> => (await node.log(workload)).slice(before.length);
      await eventually('it goes on', async () => (await added()).includes(tcp === 'keep' ? 'answer' : 'closed'));
    });
  }

  it('a connection that resumes on the source goes on', async () => {
    const workload = await start(node, 'connected.py');
    await eventually('it talks', async () => (await node.log(workload)).includes('answer 3'));
    const { held } = await node.dump(workload, 'c-1', { tcp: 'keep' });
    const before = await node.log(workload);
    await node.driver.release(held.hold, 'resume', NEVER);
    await eventually('it goes on', async () => (await node.log(workload)).slice(before.length).includes('answer'));
    assert.ok(!(await node.log(workload)).includes('closed'));
  });

  for (const [what, spec] of Object.entries({
    'a program that is not there': { command: ['no-such-program'] },
    'a mount whose source is not there': { command: ['true'], mounts: [{ source: '/none/such', destination: '/x' }] },
  } satisfies Record<string, Omit<WorkloadSpec, 'name'>>)) {
    it(`does not start ${what}`, async () => {
      await assert.rejects(node.start({ name: 'wrong', ...spec }), (error) => {
        assert.ok(isGritError(error));
        assert.equal(error.code, 'GRIT_WORKLOAD_START_FAILED');
        return true;
      });
      assert.equal((await node.launcher.inspect({ kind: 'container', name: 'wrong' }, NEVER)).state, 'missing');
    });
  }

  it('a job has its environment, directory, limits and exit code', async () => {
    const script = 'echo "$MARK $(pwd) $(hostname)"; cat /sys/fs/cgroup/memory.max 2>/dev/null; exit 3';
    const workload = await node.start({
      name: 'settings',
      command: ['sh', '-c', script],
      env: { MARK: 'a = b' },
      workingDirectory: '/usr',
      limits: { memoryBytes: 100_000_000, cpus: 0.5, pids: 50 },
    });
    await eventually('it ends', async () => (await node.launcher.inspect(workload, NEVER)).state === 'exited');
    assert.equal((await node.launcher.inspect(workload, NEVER)).exitCode, 3);
    assert.match(await node.log(workload), /^a = b \/usr settings\n/);
  });
});

async function start(node: TestNode, file: string): Promise<WorkloadRef> {
  return node.start({ name: file.replace('.py', ''), command: ['/usr/bin/python3', join(WORKLOADS, file)] });
}
