// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isGritError, type ErrorCode, type WorkloadRef } from '@grit/plugin-api';
import { KillingCriu } from '@grit/plugin-testing';
import { toolsWorkingOn } from '../src/process/process-facts.js';
import { eventually } from './node/eventually.js';
import { missingTools } from './node/missing-tools.js';
import { NEVER, TestNode } from './node/test-node.js';

const MEMORY_MB = 200;
/** Holds some memory, with a thread, and checks at each line that its memory is as it was. */
const JOB = `
import hashlib, os, threading, time
data = os.urandom(${MEMORY_MB} << 20)
threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
digest = hashlib.md5(data[:1 << 20]).hexdigest()
n = 0
while True:
    assert hashlib.md5(data[:1 << 20]).hexdigest() == digest
    n += 1
    print("line", n, flush=True)
    time.sleep(0.02)
`;

describe('a fault', () => {
  let node: TestNode;
  let criu: KillingCriu;

  before(async function () {
    const missing = await missingTools();
    if (missing !== undefined) this.skip(missing);
  });
  beforeEach(async () => {
    node = await TestNode.open();
    criu = await KillingCriu.make(join(node.directory, 'killing-criu'));
  });
  afterEach(async () => {
    await node.close();
    await noTraces(node);
  });

  for (const text of ['SEIZE', 'Dumping core', 'Dumping pages', 'Dumping opened files']) {
    it(`criu killed in the middle of a dump, after "${text}": the job goes on, the next dump works`, async () => {
      const workload = await start(node);
      const killing = await node.reopen({ criuDirectory: criu.directory });
      await criu.killAfter(text);
      await failsWith(killing.dump(workload, 'c-1'), 'GRIT_DUMP_FAILED');
      assert.deepEqual(await toolsWorkingOn(join(node.directory, 'c-1')), []);
      assert.equal((await node.driver.holds(NEVER)).length, 1);
      for (const hold of await node.driver.holds(NEVER)) await node.driver.release(hold, 'resume', NEVER);
      await getsOn(node, workload);
      const { held, source } = await node.dump(workload, 'c-2');
      await node.driver.release(held.hold, 'stop', NEVER);
      await node.restore(source, await removed(node, workload));
      await getsOn(node, workload);
      await consecutive(node, workload);
    });
  }

  it('criu killed in the middle of a restore: nothing of it is left, and it can be tried again', async () => {
    const workload = await start(node);
    const { held, source } = await node.dump(workload, 'c-1');
    await node.driver.release(held.hold, 'stop', NEVER);
    await node.launcher.remove(workload, NEVER);
    const killing = await node.reopen({ criuDirectory: criu.directory });
    for (const text of ['Restoring namespaces', 'Opening', 'Restoring resources']) {
      await criu.killAfter(text);
      await failsWith(killing.restore(source, workload, 'r-1'), 'GRIT_RESTORE_FAILED');
      assert.equal((await node.launcher.inspect(workload, NEVER)).state, 'missing');
      assert.deepEqual(await cgroupsOf(node), []);
    }
    await node.restore(source, workload, 'r-1');
    await getsOn(node, workload);
    await consecutive(node, workload);
  });

  it('an agent that died in the middle of a dump: the same call again dumps anew', async () => {
    const workload = await start(node);
    const directory = join(node.directory, 'c-1');
    await mkdir(directory);
    const sink = { directory, add: () => undefined };
    // What a killed agent leaves: the call goes on without anybody who waits for it.
    const lost = node.driver.checkpoint(workload, sink, { checkpoint: 'c-1', tcp: 'refuse' }, NEVER);
    lost.catch(() => undefined);
    await eventually(
      'criu is at work',
      async () => (await readdir(join(directory, 'criu')).catch(() => [])).length > 0,
    );
    const next = await node.reopen();
    const { held, source } = await next.dump(workload, 'c-1');
    await lost.catch(() => undefined);
    await next.driver.release(held.hold, 'stop', NEVER);
    await node.restore(source, await removed(node, workload));
    await getsOn(node, workload);
    await consecutive(node, workload);
  });

  it('an agent that died in the middle of a start: the same call again finds the one copy', async () => {
    const spec = { name: 'job', command: ['/usr/bin/python3', '-c', JOB] };
    const lost = node.launcher.start(spec, NEVER);
    lost.catch(() => undefined);
    const { supervisorPid } = node.environment.workload('job');
    await eventually('runc is at work', async () => (await readFile(supervisorPid, 'utf8').catch(() => '')) !== '');
    const found = await (await node.reopen()).launcher.start(spec, NEVER);
    assert.equal(found.state, 'running');
    assert.equal((await lost).pid, found.pid);
    assert.equal((await cgroupsOf(node)).length, 1);
  });

  it('an agent that died in the middle of a restore: the same call again finds the one copy', async () => {
    const workload = await start(node);
    const { held, source } = await node.dump(workload, 'c-1');
    await node.driver.release(held.hold, 'stop', NEVER);
    await node.launcher.remove(workload, NEVER);
    const lost = node.restore(source, workload, 'r-1');
    lost.catch(() => undefined);
    const { supervisorPid } = node.environment.workload('job');
    await eventually('runc is at work', async () => (await readFile(supervisorPid, 'utf8').catch(() => '')) !== '');
    const found = await (await node.reopen()).restore(source, workload, 'r-1');
    assert.equal(found.status.state, 'running');
    assert.equal((await lost).status.pid, found.status.pid);
    assert.equal((await cgroupsOf(node)).length, 1);
    await getsOn(node, workload);
    await consecutive(node, workload);
  });

  it('a full disk in the middle of a dump: the job goes on', async () => {
    const workload = await start(node);
    const directory = join(node.directory, 'c-full');
    await mkdir(directory);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', directory]);
    try {
      const byFiles = await node.reopen({ pages: 'files' });
      await failsWith(byFiles.dump(workload, 'c-full'), 'GRIT_NODE_STORAGE_FULL');
      for (const hold of await node.driver.holds(NEVER)) await node.driver.release(hold, 'resume', NEVER);
      await getsOn(node, workload);
    } finally {
      execFileSync('umount', [directory]);
    }
    const { held } = await node.dump(workload, 'c-2');
    await node.driver.release(held.hold, 'resume', NEVER);
    await getsOn(node, workload);
    await consecutive(node, workload);
  });

  it('an abort in the middle of a dump ends criu within a second, and the job goes on after release', async () => {
    const workload = await start(node);
    const controller = new AbortController();
    const dump = node.dump(workload, 'c-1', {}, controller.signal);
    dump.catch(() => undefined);
    const images = join(node.directory, 'c-1', 'criu');
    await eventually('criu is at work', async () => (await readdir(images).catch(() => [])).length > 0);
    controller.abort();
    await failsWith(dump, 'GRIT_ABORTED');
    for (const hold of await node.driver.holds(NEVER)) await node.driver.release(hold, 'resume', NEVER);
    await getsOn(node, workload);
  });
});

async function start(node: TestNode): Promise<WorkloadRef> {
  const workload = await node.start({ name: 'job', command: ['/usr/bin/python3', '-c', JOB] });
  await eventually('it works', async () => (await node.log(workload)).includes('line 3'));
  return workload;
}

async function removed(node: TestNode, workload: WorkloadRef): Promise<WorkloadRef> {
  await node.launcher.remove(workload, NEVER);
  return workload;
}

async function getsOn(node: TestNode, workload: WorkloadRef): Promise<void> {
  const before = (await node.log(workload)).length;
  await eventually('it gets on', async () => (await node.log(workload)).length > before + 20);
}

/** No line is missing, none is there twice. */
async function consecutive(node: TestNode, workload: WorkloadRef): Promise<void> {
  const lines = (await node.log(workload)).split('\n').slice(0, -1);
  assert.deepEqual(
    lines,
    lines.map((_line, index) => `line ${index + 1}`),
  );
}

async function failsWith(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  await assert.rejects(call, (error) => {
    assert.ok(isGritError(error), String(error));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

async function cgroupsOf(node: TestNode): Promise<readonly string[]> {
  const roots = (await readdir('/sys/fs/cgroup')).map((name) => join('/sys/fs/cgroup', name));
  const names = await Promise.all(roots.map(async (root) => readdir(root).catch(() => [])));
  return [...new Set(names.flat())].filter((name) => name.startsWith(`grit-${node.environment.hash}-`));
}

/** Nothing of the node is left on the machine. */
async function noTraces(node: TestNode): Promise<void> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  assert.ok(!mounts.includes(node.directory), 'a mount is left');
  assert.deepEqual(await cgroupsOf(node), [], 'a control group is left');
  assert.deepEqual(await toolsWorkingOn(node.directory), [], 'a process is left');
  for (const name of (await readdir('/sys/block')).filter((entry) => entry.startsWith('loop'))) {
    const file = await readFile(`/sys/block/${name}/loop/backing_file`, 'utf8').catch(() => '');
    assert.ok(!file.includes(node.directory), `${name} is left`);
  }
}
