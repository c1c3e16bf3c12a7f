// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, WorkloadRef } from '@grit/plugin-api';
import { buildModule } from '../../cluster/binaries.js';
import { BUSYBOX_IMAGE, clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { runProgram } from '../../cluster/run-program.js';
import { until } from '../../integration/machine/until.js';
import { CheckpointDriver } from './checkpoint-driver.js';

const PATIENCE_MS = 120_000;
/** Each number is a line, so that one that is lost or doubled is seen. */
const COUNT = (file: string): string => `n=0; while :; do n=$((n+1)); echo $n >>${file}; usleep 2000; done`;
/** Two files stay open whose names are gone while they have others: CRIU gives them names for the time of its dump. */
const UNLINK =
  'for at in /dev/shm /root; do mkdir -p $at; echo text >$at/a; ln $at/a $at/b; done; exec 3<>/dev/shm/a 4<>/root/a; rm /dev/shm/a /root/a';
/** A connection with itself, which stays open. */
const TALK = `mkfifo /p; exec 3<>/p
nc -l -p 7777 <&3 >/dev/null &
until grep -q ':1E61 ' /proc/net/tcp /proc/net/tcp6; do usleep 50000; done
exec nc 127.0.0.1 7777 <&3`;

describe('checkpoints of pods on a node', function () {
  this.timeout(300_000);
  let cluster: Cluster;
  let driver: CheckpointDriver;
  let pod: WorkloadRef;

  before(async function () {
    const reason = await clusterUnavailable({ nodes: ['node-a'] });
    if (reason !== undefined) this.skip(reason);
    const signal = AbortSignal.timeout(240_000);
    cluster = await startCluster({ nodes: ['node-a'] }, signal);
    driver = new CheckpointDriver(cluster.node('node-a'), join(await buildModule('runc', signal), 'runc'));
    pod = await createPod('counting', {
      first: `${UNLINK}; ${COUNT('/shared/first')}`,
      second: COUNT('/shared/second'),
    });
  });
  afterEach(async () => {
    for (const hold of (await (driver as CheckpointDriver | undefined)?.holds()) ?? [])
      await driver.release(hold, 'resume');
  });
  after(async () => {
    // Skipped: there is none.
    await (driver as CheckpointDriver | undefined)?.kill();
    await (cluster as Cluster | undefined)?.stop();
  });

  /** A pod whose containers share a volume; an init container has left a file there. Returns when all of them run. */
  async function createPod(name: string, scripts: Readonly<Record<string, string>>): Promise<WorkloadRef> {
    const container = ([name, script]: readonly [string, string]): Json => ({
      name,
      image: BUSYBOX_IMAGE,
      imagePullPolicy: 'Never',
      command: ['sh', '-c', script],
      volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
    });
    // The kubelet is in the containers all the time.
    const probe = {
      exec: { command: ['usleep', '200000'] },
      periodSeconds: 1,
      timeoutSeconds: 60,
      failureThreshold: 100,
    };
    const spec = {
      terminationGracePeriodSeconds: 1,
      initContainers: [container(['prepare', 'echo done >/shared/prepared'])],
      containers: Object.entries(scripts).map((one) => ({ ...(container(one) as object), readinessProbe: probe })),
      volumes: [{ name: 'shared', emptyDir: {} }],
    };
    await cluster.kubectlApply(
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec }),
    );
    await cluster.kubectl('wait', `pod/${name}`, '--for=condition=Ready', '--timeout=180s');
    const uid = await cluster.kubectl('get', 'pod', name, '-o', 'jsonpath={.metadata.uid}');
    return { kind: 'pod', namespace: 'default', name, uid };
  }

  const volumeOf = ({ uid = '' }: WorkloadRef): string =>
    join(cluster.node('node-a').directory, 'kubelet', 'pods', uid, 'volumes', 'kubernetes.io~empty-dir', 'shared');

  /** What a container has counted, without the line that it is at. */
  async function counted(file: string): Promise<readonly number[]> {
    const text = await readFile(join(volumeOf(pod), file), 'utf8').catch(() => '');
    return text.split('\n').slice(0, -1).map(Number);
  }

  async function countsOn(): Promise<void> {
    for (const file of ['first', 'second']) {
      const before = (await counted(file)).length;
      await until(`${file} counts on`, async () => (await counted(file)).length > before + 5, PATIENCE_MS);
      const numbers = await counted(file);
      assert.deepEqual(
        numbers,
        numbers.map((_number, index) => index + 1),
        `${file} lost or doubled a step`,
      );
    }
  }

  it('knows the node, and the files of a pod', async () => {
    const { ready, problems, facts } = await driver.probe();
    assert.ok(ready, JSON.stringify(problems));
    for (const fact of ['kernel', 'arch', 'criu', 'runc', 'cgroup', 'containerd', 'cpu-flags', 'lsm', 'free-bytes']) {
      assert.notEqual(facts[fact] ?? '', '', fact);
    }
    const prepared = await readFile(join(await driver.rootOf(pod), 'shared', 'prepared'), 'utf8');
    assert.equal(prepared, 'done\n');
    assert.deepEqual((await driver.preflight(pod)).findings, []);
  });

  it('all containers stand still with everything that is dumped, and go on with no step lost', async () => {
    const { held, parts } = await driver.checkpoint(pod, 'whole');
    const { containers, volumes, sizes, hostname } = held.runtime.data as unknown as {
      containers: { name: string }[];
      volumes: Json;
      sizes: Record<string, number>;
      hostname: string;
    };
    assert.deepEqual(
      containers.map(({ name }) => name),
      ['first', 'second'],
    );
    assert.deepEqual([volumes, hostname], [[{ name: 'shared' }], 'counting']);
    assert.deepEqual(
      parts.map(({ name }) => name),
      Object.keys(sizes).sort(),
    );
    for (const { name, path } of parts) assert.equal((await stat(path)).size, sizes[name], name);
    const common = ['volumes/shared.tar', 'shm.tar'];
    const own = ['criu/inventory.img', 'criu/pages-1.img', 'rootfs.tar', 'config.json'];
    for (const name of [
      ...common,
      ...own.flatMap((part) => [`containers/first/${part}`, `containers/second/${part}`]),
    ]) {
      assert.ok(name in sizes, name);
    }
    const tar = parts.find(({ name }) => name === 'volumes/shared.tar')?.path ?? '';
    for (const file of ['first', 'second']) {
      const packed = await runProgram('tar', ['--extract', '--to-stdout', `--file=${tar}`, `./${file}`]);
      assert.equal(packed, await readFile(join(volumeOf(pod), file), 'utf8'), `${file} ran on after the freeze`);
    }
    for (const [name, has] of [
      ['shm.tar', true],
      ['containers/first/rootfs.tar', true],
      ['containers/second/rootfs.tar', false],
    ] as const) {
      const list = await runProgram('tar', [
        '--list',
        `--file=${parts.find((part) => part.name === name)?.path ?? ''}`,
      ]);
      assert.equal(/\/link_remap\.\d+$/m.test(list), has, `${name}:\n${list}`);
    }
    assert.deepEqual(await driver.holds(), [held.hold]);
    await assert.rejects(driver.preflight(pod), { code: 'GRIT_WORKLOAD_HELD' });
    await assert.rejects(driver.checkpoint(pod, 'other'), { code: 'GRIT_WORKLOAD_HELD' });
    assert.deepEqual(await driver.checkpoint(pod, 'whole'), { held, parts });

    await driver.release(held.hold, 'resume');
    await driver.release(held.hold, 'resume');
    assert.deepEqual(await driver.holds(), []);
    await countsOn();
  });

  it('a process that is killed in the middle leaves a hold, and the same call again finishes', async () => {
    const killed = driver.checkpoint(pod, 'killed').catch(() => undefined);
    await until('a container is frozen', async () => (await frozen(pod)) || undefined, PATIENCE_MS);
    await driver.kill();
    await killed;
    assert.deepEqual(
      (await driver.holds()).map(({ id }) => id),
      ['killed'],
    );
    const { held, parts } = await driver.checkpoint(pod, 'killed');
    const { sizes } = held.runtime.data as unknown as { sizes: Record<string, number> };
    assert.deepEqual(
      parts.map(({ name }) => name),
      Object.keys(sizes).sort(),
    );
    await driver.release(held.hold, 'resume');
    await countsOn();
  });

  it('what CRIU cannot dump is named before the freeze; a dump that fails leaves all of it running after release', async () => {
    const talking = await createPod('talking', { quiet: COUNT('/shared/quiet'), talks: TALK });
    const connection = async () => (await driver.preflight(talking)).findings[0];
    const finding = await until('the connection is open', connection, PATIENCE_MS);
    assert.equal(finding.reason, 'tcp-connection');
    assert.equal(finding.severity, 'blocker');
    assert.match(finding.message, /^container talks: /);
    const link = `/proc/${finding.pid}/fd/${finding.fd}`;
    assert.match(await runProgram('readlink', [link]), /^socket:/);
    assert.equal(await frozen(talking), false);

    await assert.rejects(driver.checkpoint(talking, 'failed'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'GRIT_DUMP_FAILED');
      assert.match(error.message, /^container talks: /);
      return true;
    });
    const [hold] = await driver.holds();
    assert.ok(hold !== undefined);
    assert.equal(await frozen(talking), true);
    await driver.release(hold, 'resume');
    assert.equal(await frozen(talking), false);
    const quiet = async () => (await readFile(join(volumeOf(talking), 'quiet'), 'utf8')).length;
    const before = await quiet();
    await until('it counts on', async () => (await quiet()) > before || undefined, PATIENCE_MS);
    assert.match(await runProgram('readlink', [link]), /^socket:/);

    await cluster.kubectl('delete', 'pod', 'talking', '--wait');
    await driver.release(hold, 'stop');
  });

  it('a held pod is ended by the kubelet, with no step more; its hold goes with it', async () => {
    const { held } = await driver.checkpoint(pod, 'last');
    const numbers = await Promise.all([counted('first'), counted('second')]);
    await cluster.kubectl('delete', 'pod', 'counting', '--wait=false');
    await until('its processes are gone', async () => (await driver.holds()).length === 0 || undefined, PATIENCE_MS);
    const after = await Promise.all([counted('first'), counted('second')]);
    for (const [index, list] of after.entries()) assert.ok(list.length === 0 || list.length === numbers[index]?.length);
    await driver.release(held.hold, 'stop');
    await assert.rejects(driver.release(held.hold, 'resume'), { code: 'GRIT_HOLD_NOT_FOUND' });
  });

  /** Whether a container of the pod is frozen. */
  async function frozen({ uid = '' }: WorkloadRef): Promise<boolean> {
    const found = await runProgram('sh', [
      '-c',
      `for at in freezer:freezer.state:FROZEN :cgroup.freeze:1; do
        IFS=: read -r hierarchy file value <<END
$at
END
        find "/sys/fs/cgroup/$hierarchy" -path "*pod$1*" -name "$file" -exec grep -l "$value" {} + 2>/dev/null
      done; true`,
      'sh',
      uid,
    ]);
    return found.trim() !== '';
  }
});
