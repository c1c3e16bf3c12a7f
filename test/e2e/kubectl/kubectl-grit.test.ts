// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError } from '@grit/plugin-api';
import {
  CHECKPOINTS,
  MIGRATIONS,
  NODES,
  PODS,
  STORES,
  type CheckpointStore,
  type KubeObject,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import type { StepAt } from '../../simulated/simulated-handlers.js';
import { podObject } from '../../simulated/workload-objects.js';
import { until } from '../../integration/machine/until.js';
import { startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';
import { BIN, KubectlGrit, type Said } from './kubectl-grit.js';
import { NAMESPACE, tenMixedPods } from './mixed-pods.js';

const never = new AbortController().signal;
const BUDGETS: ResourceType<KubeObject & { readonly spec: object }> = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
};

/** What goes wrong, by the name of the Migration. */
function failures({ point, object }: StepAt): Error | undefined {
  const [, name] = object.split('/');
  if ((name === 'cold' || name === 'broken') && point === 'restore.before') {
    return new GritError('GRIT_IMAGE_PART_CORRUPT', 'part pages is damaged');
  }
  if (name === 'refused' && point === 'checkpoint.before') {
    return new GritError('GRIT_WORKLOAD_UNCHECKPOINTABLE', 'container main, pid 7, fd 3 is an io_uring');
  }
  return undefined;
}

async function probe({ metadata }: CheckpointStore): Promise<void> {
  if (metadata.name === 'broken') throw new GritError('GRIT_STORAGE_UNAVAILABLE', '/mnt/broken is not mounted');
}

interface Planned {
  readonly pod: string;
  readonly action: string;
  readonly reason?: string;
}

describe('kubectl grit on a real API server', function () {
  this.timeout(240_000);
  let platform: KubePlatform;
  let stop = async (): Promise<void> => undefined;
  const path = process.env['PATH'];

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await startKubePlatform({ agents: { failures, probe } });
    stop = () => platform.stop();
  });

  after(() => stop());

  afterEach(() => {
    process.env['PATH'] = path;
    platform.barriers.openAll();
    const { violations, repeatedWork, history } = platform.observer;
    assert.deepEqual([violations, repeatedWork], [[], []], history.join('\n'));
  });

  const start = (...args: string[]): KubectlGrit => new KubectlGrit(platform.cluster.kubeconfig, args);
  const run = (...args: string[]): Promise<Said> => start(...args).ended;
  const bare = async (name: string): Promise<void> => {
    await platform.create(PODS, podObject(name, NAMESPACE));
    await platform.until(PODS, { name, namespace: NAMESPACE }, 'runs', ({ status }) => status?.phase === 'Running');
  };
  const ends = ({ exit, out, errors }: Said, wanted: number, ...patterns: RegExp[]): void => {
    const text = `${out}\n${errors}`;
    assert.equal(exit, wanted, text);
    for (const pattern of patterns) assert.match(text, pattern);
    assert.doesNotMatch(text, /\n\s+at .*:\d+:\d+/);
  };

  it('is a plugin of kubectl, and finds a cluster that is in order', async () => {
    process.env['PATH'] = `${BIN}:${path ?? ''}`;
    assert.match(await platform.kubectl('grit', 'doctor'), /Nothing is wrong\.\n$/);
    assert.equal(await platform.kubectl('__complete', 'grit', 'dr'), 'drain\n:4\n');
    // A completion gives up soon, so that no shell hangs.
    const names = (): Promise<string> => platform.kubectl('__complete', 'grit', 'drain', 'sim-');
    await until('names are completed', async () => (await names()) === 'sim-a\nsim-b\nsim-c\n:4\n');
  });

  it('drains a node of ten mixed pods; interrupted, the same command goes on and doubles nothing', async () => {
    const pods = await tenMixedPods(platform, 'sim-a', ['sim-b', 'sim-c']);
    assert.equal(pods.length, 10);
    const planned = await run('drain', 'sim-a', '--dry-run', '-o', 'json');
    assert.equal(planned.exit, 5, planned.errors);
    const plan = (JSON.parse(planned.out) as { pods: readonly Planned[] }).pods;
    const told = plan.map(({ pod, action, reason }) => [pod.split('-')[0], action, reason].filter(Boolean).join(' '));
    const moved = ['bare', 'db', 'db', 'train', 'web', 'web', 'web'].map((name) => `${name} migrate`);
    assert.deepEqual(
      told.sort(),
      [...moved, 'disk leave HostPath', 'done leave Finished', 'logs leave DaemonSet'].sort(),
    );
    assert.notEqual((await platform.client.get(NODES, { name: 'sim-a' }, never)).spec?.unschedulable, true);

    const barrier = platform.barriers.close('checkpoint.frozen', { node: 'sim-a' });
    const drain = ['drain', 'sim-a', '--ignore-daemonsets', '--evict-others', '--wait'];
    const first = start(...drain);
    await first.tells(/Checkpointing/);
    await barrier.reached;
    first.child.kill('SIGINT');
    ends(
      await first.ended,
      130,
      /The work goes on without being watched\. Look at it:\n {2}kubectl grit status node\/sim-a/,
    );
    const again = start(...drain);
    await again.tells(/Checkpointing/);
    barrier.open();
    const second = await again.ended;
    ends(second, 0, /7 of \d pods have moved/, /train-\S+ +moved +sim-a +sim-[bc]/, /logs-\S+ +DaemonSet +leave/);
    ends(second, 0, /Node sim-a is cordoned and empty, but for what belongs to it\./);
    assert.ok(
      second.out.split('\n').every((line) => line.length <= 100),
      second.out,
    );

    const { items } = await platform.client.list(MIGRATIONS, { namespace: NAMESPACE }, never);
    assert.deepEqual(
      items.map(({ status }) => status?.phase),
      Array.from({ length: 7 }, () => 'Succeeded'),
    );
    await platform.untilAll(PODS, 'only logs are left', (all) =>
      all.filter(({ spec }) => spec.nodeName === 'sim-a').every(({ metadata }) => metadata.labels?.['app'] === 'logs'),
    );
    assert.equal(platform.observer.freshStarts(`${NAMESPACE}/bare`), 1);
    await platform.kubectl('uncordon', 'sim-a');
  });

  it('exits with the outcome', async () => {
    await Promise.all(['first', 'second', 'third', 'fourth', 'fifth'].map(bare));
    const barrier = platform.barriers.close('checkpoint.before', { object: `${NAMESPACE}/slow` });
    const [stored, cold, broken, refused, slow] = await Promise.all([
      run('checkpoint', 'first', '--wait', '-o', 'json'),
      run('migrate', 'second', '--name', 'cold', '--fallback', 'fresh', '--wait'),
      run('migrate', 'third', '--name', 'broken', '--wait'),
      run('migrate', 'fourth', '--name', 'refused', '--wait'),
      run('migrate', 'fifth', '--name', 'slow', '--wait', '--timeout', '1s'),
    ] as const);
    assert.equal(stored.exit, 0, stored.errors);
    assert.equal((JSON.parse(stored.out) as { status: { phase: string } }).status.phase, 'Checkpointed');
    ends(cold, 15, /runs, but from the beginning/);
    ends(broken, 6, /part pages is damaged/, /code: GRIT_IMAGE_PART_CORRUPT/, /image that was stored is kept/);
    ends(refused, 5, /pid 7, fd 3 is an io_uring/, /fourth was not moved; it still runs on sim-/);
    ends(slow, 11, /code: GRIT_TIMEOUT/, /next: kubectl grit status migration\/slow/);
    barrier.open();
    await platform.untilPhase(MIGRATIONS, { name: 'slow', namespace: NAMESPACE }, 'Succeeded');
    const again = await run('migrate', 'fifth', '--name', 'slow', '--wait');
    ends(again, 0, /Moved default\/fifth/);
    ends(await run('status', '--all'), 0, /second +move +ColdStarted/, /first +checkpoint +Checkpointed/);
  });

  it('lets a pod go on that a blocked move holds frozen', async () => {
    await bare('guarded');
    const selector = { matchLabels: { app: 'guarded' } };
    await platform.create(BUDGETS, {
      metadata: { name: 'guarded', namespace: NAMESPACE },
      spec: { minAvailable: 1, selector },
    });
    ends(await run('migrate', 'guarded', '--name', 'guarded'), 0, /Migration guarded is under way/);
    await platform.until(CHECKPOINTS, { name: 'guarded', namespace: NAMESPACE }, 'cannot evict', ({ status }) =>
      (status?.conditions ?? []).some(
        ({ type, status: is, message }) => type === 'Waiting' && is === 'True' && message.includes('budget'),
      ),
    );
    assert.equal(platform.observer.frozenPods.length, 1);
    ends(await run('resume', 'guarded'), 0, /default\/guarded goes on on node sim-/);
    assert.deepEqual(platform.observer.frozenPods, []);
    await platform.untilPhase(MIGRATIONS, { name: 'guarded', namespace: NAMESPACE }, 'ReturnedToSource');
    ends(await run('resume', 'guarded'), 3, /GRIT_HOLD_NOT_FOUND/);
  });

  it('says what is broken, and what one may not do', async () => {
    await platform.kubectl('delete', 'runtimeclass', 'grit');
    const metadata = { name: 'broken' };
    await platform.create(STORES, { metadata, spec: { plugin: 'storage-pvc', config: { path: '/mnt/broken' } } });
    await platform.untilPhase(STORES, metadata, 'NotReady');
    const nobody = await platform.cluster.kubeconfigFor({ namespace: NAMESPACE, name: 'default' });
    const as = (...args: string[]): Promise<Said> => new KubectlGrit(nobody, args).ended;
    const [broken, mine, move, drain, missing] = await Promise.all([
      run('doctor'),
      as('doctor'),
      as('migrate', 'bare', '--wait'),
      as('drain', 'sim-a'),
      run('migrate', 'nobody'),
    ] as const);
    ends(broken, 14, /RuntimeClass +NO/, /next: +kubectl apply --server-side -f deploy\/kubernetes\/nodes/);
    ends(broken, 14, /store broken +NO +NotReady/, /\/mnt\/broken is not mounted/);
    ends(mine, 14, /rights in default +NO/, /you may not get pods; create, list, watch, patch, delete checkpoints/);
    ends(move, 9, /code: GRIT_KUBE_NOT_ALLOWED/, /next: Ask for the role edit/);
    ends(drain, 9, /nodes "sim-a" is forbidden/);
    ends(missing, 3, /there is no pod nobody in namespace default/);
  });
});
