// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import type { ImageSource, RestoreTarget, WorkloadRef } from '@grit/plugin-api';
import { cgroupVersion } from '../../src/cgroup/container-cgroup.js';
import type { ToolVersions } from '../../src/criu/tool-versions.js';
import { waitUntil } from '../../src/process/wait-until.js';
import { PodRestores } from '../../src/pod-restore/pod-restores.js';
import { NEVER, TestNode } from '../node/test-node.js';
import { WrapperBench, type WrapperEnd } from './wrapper-bench.js';

const UID = '7611134d-ecd6-44bd-8471-c36339de46bf';
const POD: WorkloadRef = { kind: 'pod', namespace: 'default', name: 'some-pod', uid: UID };
const TARGET: RestoreTarget = { workload: POD, restore: 'r1', tcp: 'close' };
const NOTES = {
  'grit.dev/restore-name': 'the-restore',
  'io.kubernetes.cri.sandbox-id': 'sandbox',
  'io.kubernetes.cri.sandbox-uid': UID,
  'io.kubernetes.cri.sandbox-namespace': 'default',
  'io.kubernetes.cri.sandbox-name': 'some-pod',
};

describe('start gate of pods', function () {
  this.timeout(60_000);
  let bench: WrapperBench;
  let node: TestNode;
  let agent = new AbortController();
  let pods: PodRestores;
  let versions: ToolVersions;

  before(async () => {
    versions = { criu: '4.2.1', runc: '1.3', kernel: '', arch: arch(), cgroup: await cgroupVersion() };
  });
  beforeEach(async () => {
    bench = await WrapperBench.make();
    node = await TestNode.open({ runDirectory: bench.runDirectory });
    await follow();
  });
  afterEach(async () => {
    agent.abort();
    await node.close();
    await bench.remove();
  });

  /** A new agent; the one of before is gone. */
  async function follow(): Promise<void> {
    agent.abort();
    agent = new AbortController();
    pods = new PodRestores(node.environment);
    await pods.start(agent.signal);
  }

  /** The kubelet starts the sandbox of the pod, or the container. */
  async function create(id: string, container?: string): Promise<{ readonly end: Promise<WrapperEnd> }> {
    const kind =
      container === undefined
        ? { 'io.kubernetes.cri.container-type': 'sandbox' }
        : { 'io.kubernetes.cri.container-type': 'container', 'io.kubernetes.cri.container-name': container };
    const bundle = await bench.bundle(id, { ...NOTES, ...kind });
    return { end: bench.start(bench.createArgs(bundle, id)).end };
  }

  async function waits(): Promise<void> {
    const found = await waitUntil(async () => ((await pods.gate.waiting(NEVER)).length > 0 ? true : undefined), {
      limitMs: 30_000,
    });
    assert.equal(found, true, 'the pod waits');
  }

  /** An image of a pod that has nothing but a name. */
  function imageOf(container: string): ImageSource {
    const data = { pod: POD, hostname: '', containers: [{ name: container, sidecar: false, mounts: [] }], volumes: [] };
    return {
      checkpoint: 'c1',
      directory: node.directory,
      parts: [],
      runtime: {
        driver: 'criu',
        version: 2,
        data: JSON.parse(JSON.stringify({ ...data, shm: false, tcp: 'close', sizes: {}, versions })),
      },
    };
  }

  it('what may start from the beginning does, then and later, also under another agent', async () => {
    await assert.rejects(pods.gate.startFresh(POD, NEVER), { code: 'GRIT_WORKLOAD_NOT_FOUND' });
    const { end } = await create('sandbox');
    await waits();
    assert.deepEqual(await pods.gate.waiting(NEVER), [POD]);
    await pods.gate.startFresh(POD, NEVER);
    await pods.gate.startFresh(POD, NEVER);
    assert.equal((await end).args?.at(-1), 'sandbox');
    await follow();
    assert.equal((await (await create('one', 'one')).end).code, 0);
    assert.deepEqual(await pods.gate.waiting(NEVER), []);
    await assert.rejects(pods.prepareRestore(imageOf('one'), TARGET, versions, NEVER), {
      code: 'GRIT_WORKLOAD_RUNNING',
    });
    await assert.rejects(pods.gate.refuse(POD, 'x', NEVER), { code: 'GRIT_WORKLOAD_RUNNING' });
  });

  it('a refusal ends the wait and stays, also under another agent, until a restore is ordered', async () => {
    const { end } = await create('sandbox');
    await waits();
    await pods.gate.refuse(POD, 'no checkpoint', NEVER);
    assert.equal((await end).error?.msg, 'GRIT: no checkpoint');
    await follow();
    assert.equal((await (await create('second')).end).error?.msg, 'GRIT: no checkpoint');
    assert.deepEqual(await pods.gate.waiting(NEVER), []);
    await pods.prepareRestore(imageOf('one'), TARGET, versions, NEVER);
    const third = await create('third');
    await waits();
    await pods.gate.refuse(POD, 'no more', NEVER);
    assert.equal((await third.end).error?.msg, 'GRIT: no more');
    await assert.rejects(pods.restore({ ...TARGET, data: {}, timings: [] }, imageOf('one'), NEVER), /not prepared/);
  });

  it('a call that comes while there is no agent is answered by the next', async () => {
    agent.abort();
    const { end } = await create('sandbox');
    await waitUntil(
      async () => ((await readdir(join(bench.runDirectory, 'calls'))).includes('sandbox.request') ? true : undefined),
      {
        limitMs: 30_000,
      },
    );
    await follow();
    await waits();
    await pods.gate.startFresh(POD, NEVER);
    assert.equal((await end).code, 0);
  });

  it('who waits too long is told for what', async () => {
    node = await node.reopen({ runDirectory: bench.runDirectory, startPatienceSeconds: 0 });
    await follow();
    const first = await (await create('first')).end;
    assert.match(
      first.error?.msg ?? '',
      /^GRIT: waiting for the restore the-restore: its image is not on this node yet/,
    );
    await pods.prepareRestore(imageOf('one'), TARGET, versions, NEVER);
    const second = await (await create('second')).end;
    assert.match(second.error?.msg ?? '', /its image is here, it has not begun yet/);
    assert.deepEqual(await pods.gate.waiting(NEVER), [POD]);
  });

  it('a restore lets the sandbox through; taken back, it closes the gate', async () => {
    const image = imageOf('one');
    const prepared = await pods.prepareRestore(image, TARGET, versions, NEVER);
    assert.deepEqual(await pods.prepareRestore(image, TARGET, versions, NEVER), prepared);
    const stop = new AbortController();
    const restored = assert.rejects(pods.restore(prepared, image, stop.signal), { code: 'GRIT_ABORTED' });
    assert.equal((await (await create('sandbox')).end).code, 0);
    stop.abort();
    await restored;
    await follow();
    const again = assert.rejects(pods.restore(prepared, image, NEVER), /restore r1 was taken back/);
    assert.equal((await (await create('sandbox-2')).end).code, 0);
    await pods.abandonRestore(TARGET);
    await again;
    await pods.abandonRestore(TARGET);
    const { end } = await create('sandbox-3');
    await waits();
    await pods.gate.refuse(POD, 'over', NEVER);
    assert.equal((await end).error?.msg, 'GRIT: over');
  });

  it('an init container of before the checkpoint only ends well; a container with other mounts is refused by name', async () => {
    const image = imageOf('one');
    const prepared = await pods.prepareRestore(image, TARGET, versions, NEVER);
    const restored = assert.rejects(pods.restore(prepared, image, NEVER), { code: 'GRIT_RESTORE_INCOMPATIBLE' });
    assert.equal((await (await create('init', 'init')).end).code, 0);
    const bundle = await bench.bundle(
      'one',
      { ...NOTES, 'io.kubernetes.cri.container-type': 'container', 'io.kubernetes.cri.container-name': 'one' },
      { mounts: [{ destination: '/more', type: 'bind', source: '/tmp' }] },
    );
    const end = await bench.run(bench.createArgs(bundle, 'one'));
    assert.equal(end.error?.msg, 'GRIT: container one: /more is mounted in the pod and not in the checkpoint');
    await restored;
    // The reason stays for those who try again.
    assert.match(
      (await (await create('two', 'two')).end).error?.msg ?? '',
      /restore the-restore failed: container one/,
    );
  });

  it('a call is worked on once, however often there is something to look at', async () => {
    const image = imageOf('one');
    const prepared = await pods.prepareRestore(image, TARGET, versions, NEVER);
    const stop = new AbortController();
    const restored = assert.rejects(pods.restore(prepared, image, stop.signal), { code: 'GRIT_ABORTED' });
    for (let round = 0; round < 10; round++) {
      const { end } = await create(`init-${round}`, 'init');
      const state = { ended: false };
      void end.then(() => (state.ended = true));
      while (!state.ended) await writeFile(join(bench.runDirectory, 'calls', 'noise'), '');
      const text = await readFile(join(bench.directory, 'tasks', `init-${round}`, 'config.json'), 'utf8');
      assert.equal((JSON.parse(text) as { readonly mounts: readonly unknown[] }).mounts.length, 1);
    }
    stop.abort();
    await restored;
  });

  it('a bundle that is not a pod’s, and a request that is none of the wrapper’s, are refused', async () => {
    const bundle = await bench.bundle('stranger', { 'grit.dev/restore-name': 'x' });
    const end = await bench.run(bench.createArgs(bundle, 'stranger'));
    assert.match(end.error?.msg ?? '', /annotation io.kubernetes.cri.container-type of bundle stranger is not valid/);
    await writeFile(join(bench.runDirectory, 'calls', 'bad.request'), 'x');
    const answered = async (): Promise<true | undefined> =>
      (await readdir(join(bench.runDirectory, 'calls'))).includes('bad.answer') ? true : undefined;
    assert.equal(await waitUntil(answered, { limitMs: 30_000 }), true);
  });
});
