// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageSource, RestoredWorkload, RestoreTarget, WorkloadRef } from '@grit/plugin-api';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { runProgram } from '../../cluster/run-program.js';
import { until } from '../../integration/machine/until.js';
import { compareWrapper } from './compare-wrapper.js';
import { countingPod } from './counting-pod.js';
import { PodAgent } from './pod-agent.js';

const PATIENCE_MS = 120_000;

describe('restore of pods on a node', function () {
  this.timeout(240_000);
  let cluster: Cluster;
  let agent: PodAgent;
  let image: ImageSource;

  before(async function () {
    const reason = await clusterUnavailable({ nodes: ['node-a', 'node-b'] });
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({ nodes: ['node-a', 'node-b'] }, AbortSignal.timeout(240_000));
    const runtimeClass = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', handler: 'grit' };
    await cluster.kubectlApply(JSON.stringify({ ...runtimeClass, metadata: { name: 'grit' } }));
    await cluster.kubectlApply(countingPod('source', 'node-a'));
    await until('the source has counted', async () => (await numbers('source', 'one')).length > 5, PATIENCE_MS);
    const source = new PodAgent(cluster.node('node-a'));
    await source.start();
    image = await source.checkpoint(await refOf('source'), 'of-source', join(cluster.directory, 'dump', 'image'));
    await cluster.kubectl('delete', 'pod', 'source', '--force', '--grace-period=0');
    await source.kill();
  });
  beforeEach(async () => {
    agent = new PodAgent(cluster.node('node-b'));
    await agent.start();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') {
      console.log(await readFile(join(agent.stateDirectory, 'log'), 'utf8').catch(() => ''));
      console.log(await cluster.kubectl('get', 'events', '--sort-by=.lastTimestamp').catch(() => ''));
    }
    await agent.kill();
    await (cluster as Cluster | undefined)?.kubectl('delete', 'pods', '--all', '--force', '--grace-period=0');
    await rm(agent.stateDirectory, { recursive: true, force: true });
  });
  after(async () => {
    // Skipped: there is none.
    await (cluster as Cluster | undefined)?.stop();
  });

  /** First words of the lines of a file in the volume. */
  async function numbers(pod: string, file: string): Promise<number[]> {
    const text = await cluster.kubectl('exec', pod, '-c', 'one', '--', 'cat', `/data/${file}`).catch(() => '');
    return text
      .trimEnd()
      .split('\n')
      .filter(Boolean)
      .map((line) => Number(line.split(' ')[0]));
  }

  async function refOf(name: string): Promise<WorkloadRef> {
    return { kind: 'pod', namespace: 'default', name, uid: await field(name, '.metadata.uid') };
  }

  async function createPod(name: string): Promise<WorkloadRef> {
    await cluster.kubectlApply(countingPod(name, 'node-b', `restore-of-${name}`));
    return refOf(name);
  }

  async function field(pod: string, path: string): Promise<string> {
    return cluster.kubectl('get', 'pod', pod, '-o', `jsonpath={${path}}`);
  }

  async function event(pod: string, pattern: RegExp): Promise<string> {
    return until(
      `pod ${pod} has an event like ${pattern.source}`,
      async () => {
        const text = await cluster.kubectl('get', 'events', '--field-selector', `involvedObject.name=${pod}`);
        return text.split('\n').find((line) => pattern.test(line));
      },
      PATIENCE_MS,
    );
  }

  const targetOf = (workload: WorkloadRef, restore = `r-${workload.name}`): RestoreTarget => ({
    workload,
    restore,
    tcp: 'close',
  });

  async function assertGoesOn(pod: string, files = ['one', 'two', 'side']): Promise<void> {
    for (const file of files) {
      const before = (await numbers(pod, file)).length;
      const after = await until(`${file} counts on`, async () => {
        const found = await numbers(pod, file);
        return found.length > before + 3 ? found : undefined;
      });
      assert.deepEqual(
        after,
        after.map((_number, index) => index + 1),
        `${file} has each number once, in order`,
      );
    }
  }

  it('a pod goes on: each number once, volumes, shared memory and changed files as they were, its own host name', async () => {
    const workload = await createPod('again');
    const target = targetOf(workload);
    await agent.prepareRestore(image, target);
    const status = (await agent.restore(image, target)) as { readonly state: string; readonly restoredFrom: string };
    assert.equal(status.state, 'running');
    assert.equal(status.restoredFrom, 'of-source');
    await cluster.kubectl('wait', 'pod/again', '--for=condition=Ready', '--timeout=120s');
    await assertGoesOn('again');
    // The init container has not run once more.
    assert.equal(await cluster.kubectl('exec', 'again', '-c', 'one', '--', 'cat', '/data/prepared'), 'prepared\n');
    assert.equal((await cluster.kubectl('exec', 'again', '-c', 'two', '--', 'hostname')).trim(), 'again');
    const own = await cluster.kubectl('exec', 'again', '-c', 'one', '--', 'sh', '-c', 'cat /own /dev/shm/one');
    for (const number of own.trim().split('\n')) assert.ok(Number(number) > 5, own);
    const log = await cluster.kubectl('logs', 'again', '-c', 'one');
    assert.ok(Number(log.split('\n')[0]) > 5, `the log begins with a number that comes late: ${log.slice(0, 40)}`);
    assert.match(await cluster.kubectl('logs', 'again', '-c', 'two', '--tail=1'), /^\d+ again$/m);
    assert.equal(await field('again', '.status.containerStatuses[*].restartCount'), '0 0');
  });

  it('a pod waits, and its events say for what; then it may start from the beginning', async () => {
    await agent.kill();
    agent = new PodAgent(cluster.node('node-b'), { startPatienceSeconds: 0 });
    await agent.start();
    const workload = await createPod('waits');
    await event('waits', /waiting for the restore restore-of-waits: its image is not on this node yet/);
    assert.equal(await field('waits', '.status.phase'), 'Pending');
    assert.deepEqual(await agent.waiting(), [workload]);
    await agent.startFresh(workload);
    await cluster.kubectl('wait', 'pod/waits', '--for=condition=Ready', '--timeout=120s');
    assert.deepEqual(await agent.waiting(), []);
    await assertGoesOn('waits');
    assert.equal((await cluster.kubectl('logs', 'waits', '-c', 'one')).split('\n')[0], '1');
  });

  it('refused in the middle of its wait, it is told at once', async () => {
    const workload = await createPod('refused');
    await until('it waits', async () => (await agent.waiting()).length === 1);
    const refused = performance.now();
    await agent.refuse(workload, 'not on this node');
    await event('refused', /GRIT: not on this node/);
    assert.equal(await field('refused', '.status.phase'), 'Pending');
    assert.deepEqual(await agent.waiting(), []);
    console.log(`      (told ${(performance.now() - refused).toFixed()} ms after the refusal)`);
  });

  it('from a damaged image nothing runs, and the same pod goes on from a good one', async () => {
    const directory = join(cluster.directory, 'dump', 'damaged');
    await cp(image.directory, directory, { recursive: true });
    const core = join(directory, 'containers', 'two', 'criu', 'core-1.img');
    await writeFile(core, (await readFile(core)).fill(0, 16));
    const damaged = {
      ...image,
      directory,
      parts: image.parts.map((part) => ({ ...part, path: join(directory, part.name) })),
    };
    const workload = await createPod('damaged');
    const target = targetOf(workload);
    await agent.prepareRestore(damaged, target);
    await assert.rejects(
      agent.restore(damaged, target),
      (error: { readonly code?: string; readonly message: string }) => {
        assert.equal(error.code, 'GRIT_RESTORE_FAILED');
        assert.match(error.message, /container two could not be restored/);
        return true;
      },
    );
    await event('damaged', /criu failed|could not be restored/);
    const volume = join(cluster.node('node-b').directory, 'kubelet', 'pods', workload.uid ?? '', 'volumes');
    const counted = async (): Promise<string> =>
      readFile(join(volume, 'kubernetes.io~empty-dir', 'data', 'one'), 'utf8');
    const before = await counted();
    assert.equal(before, await inImage('one'), 'container one has not counted');
    await agent.abandonRestore(target);
    const again = targetOf(workload, 'r-second');
    await agent.prepareRestore(image, again);
    await agent.restore(image, again);
    await cluster.kubectl('wait', 'pod/damaged', '--for=condition=Ready', '--timeout=120s');
    await assertGoesOn('damaged');
  });

  /** What a file of the volume was at the checkpoint. */
  async function inImage(file: string): Promise<string> {
    return runProgram('tar', [
      '--extract',
      '--to-stdout',
      `--file=${join(image.directory, 'volumes', 'data.tar')}`,
      `./${file}`,
    ]);
  }

  it('a container that is left out goes on while the others are held, and begins anew beside them; another one is refused', async () => {
    await cluster.kubectlApply(countingPod('partial', 'node-a'));
    await until('it has counted', async () => (await numbers('partial', 'side')).length > 5, PATIENCE_MS);
    const source = new PodAgent(cluster.node('node-a'));
    await source.start();
    const directory = join(cluster.directory, 'dump', 'partial');
    const partial = await source
      .checkpoint(await refOf('partial'), 'of-partial', directory, { exclude: ['side'] })
      .finally(() => source.kill());
    assert.deepEqual(
      partial.parts.filter(({ name }) => name.endsWith('/config.json')).map(({ name }) => name),
      ['containers/one/config.json', 'containers/two/config.json'],
    );
    const held = async (file: string): Promise<string> =>
      cluster.kubectl('exec', 'partial', '-c', 'side', '--', 'cat', `/data/${file}`);
    const [one, side] = [await held('one'), await held('side')];
    await until('the one that is left out goes on', async () => (await held('side')).length > side.length);
    assert.equal(await held('one'), one, 'the others stand still');
    await cluster.kubectl('delete', 'pod', 'partial', '--force', '--grace-period=0');

    const other = JSON.parse(countingPod('other', 'node-b', 'restore-of-other')) as {
      spec: { containers: { name: string }[] };
    };
    other.spec.containers.unshift({ ...other.spec.containers[0], name: 'three' });
    await cluster.kubectlApply(JSON.stringify(other));
    const unknown = targetOf(await refOf('other'));
    await agent.prepareRestore(partial, unknown);
    await assert.rejects(agent.restore(partial, unknown), {
      code: 'GRIT_RESTORE_INCOMPATIBLE',
      message: 'container three of the pod is not in the checkpoint, which has one, two, prepare, side',
    });
    await cluster.kubectl('delete', 'pod', 'other', '--force', '--grace-period=0');

    const target = targetOf(await createPod('partly'));
    await agent.prepareRestore(partial, target);
    await agent.restore(partial, target);
    await cluster.kubectl('wait', 'pod/partly', '--for=condition=Ready', '--timeout=120s');
    await assertGoesOn('partly', ['one', 'two']);
    assert.equal(await cluster.kubectl('exec', 'partly', '-c', 'one', '--', 'cat', '/data/prepared'), 'prepared\n');
    const frozen = await runProgram('tar', [
      '--extract',
      '--to-stdout',
      `--file=${join(directory, 'volumes', 'data.tar')}`,
      './side',
    ]);
    const before = frozen.trimEnd().split('\n').length;
    assert.deepEqual((await numbers('partly', 'side')).slice(before - 1, before + 2), [before, 1, 2]);
    // It is like any other container: the kubelet may start it again.
    const id = await field('partly', '.status.initContainerStatuses[?(@.name=="side")].containerID');
    await cluster.node('node-b').ctr('tasks', 'kill', '--signal', 'SIGKILL', id.replace('containerd://', ''));
    const begins = async (): Promise<boolean> =>
      (await numbers('partly', 'side')).filter((number) => number === 1).length === 3;
    await until('it has begun once more', begins, PATIENCE_MS);
    await assertGoesOn('partly', ['one', 'two']);
  });

  it('an agent that is killed between two containers is followed by one that goes on', async () => {
    const workload = await createPod('killed');
    const target = targetOf(workload);
    await agent.prepareRestore(image, target);
    await agent.kill();
    await agent.start();
    const interrupted = assert.rejects(agent.restore(image, target));
    const record = join(agent.stateDirectory, 'pod-restores', workload.uid ?? '', 'restore.json');
    await until('the first container is let through', async () => (await readFile(record, 'utf8')).includes('"side":'));
    await agent.kill();
    await interrupted;
    assert.equal(await field('killed', '.status.containerStatuses[?(@.ready==true)].name'), '');
    await agent.start();
    await agent.restore(image, target);
    await cluster.kubectl('wait', 'pod/killed', '--for=condition=Ready', '--timeout=120s');
    await assertGoesOn('killed');
    // Told once more, it reports what was done; taken back too late, too.
    await agent.restore(image, target);
    const { status: left } = (await agent.abandonRestore(target)) as unknown as RestoredWorkload;
    assert.deepEqual([left.workload, left.state, left.restoredFrom], [workload, 'running', 'of-source']);
    await assertGoesOn('killed');
  });

  it('a container that ends after its restore is not started from the beginning without a word', async () => {
    const workload = await createPod('crashes');
    const target = targetOf(workload);
    await agent.prepareRestore(image, target);
    await agent.restore(image, target);
    await cluster.kubectl('wait', 'pod/crashes', '--for=condition=Ready', '--timeout=120s');
    const id = await field('crashes', '.status.containerStatuses[?(@.name=="two")].containerID');
    await cluster.node('node-b').ctr('tasks', 'kill', '--signal', 'SIGKILL', id.replace('containerd://', ''));
    await event('crashes', /container two ended after the pod was restored; it is not started from the beginning/);
    const counted = await numbers('crashes', 'two');
    assert.deepEqual(
      counted,
      counted.map((_number, index) => index + 1),
    );
  });

  it('a pod without the annotation starts with no agent at all', async () => {
    // The pods of before would call the wrapper, too, and their containers come and go.
    await cluster.kubectl('delete', 'pods', '--all', '--timeout=120s');
    await agent.kill();
    await cluster.kubectlApply(countingPod('ordinary', 'node-b'));
    await cluster.kubectl('wait', 'pod/ordinary', '--for=condition=Ready', '--timeout=120s');
    await assertGoesOn('ordinary');
    const { directory } = cluster.node('node-b');
    assert.deepEqual(await readdir(join(directory, 'grit-run', 'calls')), []);
    const id = await field('ordinary', '.status.containerStatuses[?(@.name=="two")].containerID');
    const root = join(directory, 'grit-runc', 'k8s.io');
    const cost = await compareWrapper(join(directory, 'runc-grit'), root, id.replace('containerd://', ''));
    console.log(`      (${cost})`);
  });
});
