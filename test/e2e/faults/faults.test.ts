// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { EVENTS, LEASES, PODS, RESTORES, type KubeObject, type ResourceType } from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import type { ControllerProcess } from '../kubernetes/controller-process.js';
import { NAMESPACE, startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';
import { holdEviction } from './held-eviction.js';
import { assertMoved, moveJobs, removeJobs, startJobs, type MovedJob } from './moved-jobs.js';
import { closeAt, POINTS, stopEverywhere } from './stopped-everywhere.js';

/** How long the API server is away, seconds. */
const OUTAGE_S = Number(process.env['GRIT_OUTAGE_S'] ?? 15);
/** How many Migrations are made at once. */
const MANY = Number(process.env['GRIT_MANY'] ?? 200);

describe('faults of a cluster', function () {
  this.timeout(600_000);
  let platform: KubePlatform;
  let started: KubePlatform | undefined;
  let jobs: readonly MovedJob[] = [];

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    const leaderElection = { leaseSeconds: 5, renewSeconds: 3, retrySeconds: 0.5 };
    platform = await startKubePlatform({ config: { leaderElection }, shape: () => ({ pods: MANY + 20 }) });
    started = platform;
  });

  afterEach(async () => {
    platform.barriers.openAll();
    await removeJobs(platform, jobs);
    jobs = [];
  });

  after(async () => {
    await started?.stop();
  });

  it('an API server that is away while migrations are at all of their points', async () => {
    const stopped = await stopEverywhere(platform, 'api');
    ({ jobs } = stopped);
    await platform.cluster.apiServer.kill();
    stopped.open();
    await delay(OUTAGE_S * 1_000);
    await platform.cluster.apiServer.start();
    await assertMoved(platform, jobs);
  });

  it('an etcd that forgets everything that watches could resume from', async () => {
    const stopped = await stopEverywhere(platform, 'etcd');
    ({ jobs } = stopped);
    await platform.cluster.etcd.restart({ compact: true });
    stopped.open();
    await assertMoved(platform, jobs);
  });

  it('an admission that is away while the replacement is created: refused, created later, restored', async () => {
    jobs = await startJobs(platform, ['admission']);
    const [job] = jobs;
    assert.ok(job);
    const ending = closeAt(platform, 'pod.end', job);
    await moveJobs(platform, jobs);
    await ending.reached;
    await platform.controller.kill();
    ending.open();
    await platform.untilAll<FailedCreate>(EVENT_REASONS, 'the creation of a pod was refused', (events) =>
      events.some(({ reason, involvedObject }) => reason === 'FailedCreate' && involvedObject?.name === job.name),
    );
    const pods = await platform.untilAll(PODS, 'the source is gone', (all) =>
      all.every(({ metadata }) => metadata.uid !== job.pod.metadata.uid),
    );
    assert.deepEqual(
      pods.filter(({ metadata }) => metadata.labels?.['app'] === job.name),
      [],
    );
    await platform.controller.start();
    await assertMoved(platform, jobs);
  });

  it('a controller that is killed at every point of a migration', async () => {
    jobs = await startJobs(platform, ['killed']);
    const [job] = jobs;
    assert.ok(job);
    let barrier = closeAt(platform, POINTS[0] ?? 'checkpoint.before', job);
    await moveJobs(platform, jobs);
    for (const [index] of POINTS.entries()) {
      await barrier.reached;
      await platform.controller.kill();
      const passed = barrier;
      const next = POINTS[index + 1];
      if (next !== undefined) barrier = closeAt(platform, next, job);
      passed.open();
      await platform.controller.start();
    }
    await assertMoved(platform, jobs);
  });

  describe('with two controllers', () => {
    it('the leader is killed while migrations are at all of their points', async () => {
      const other = await platform.startController();
      const stopped = await stopEverywhere(platform, 'leader');
      ({ jobs } = stopped);
      const { leader, rest } = await leaderOf(platform);
      await leader.kill();
      stopped.open();
      await assertMoved(platform, jobs);
      await leader.start();
      assert.ok(rest.includes(other) || leader === other);
    });

    it('the leader stands still, another one takes over, the first wakes up', async () => {
      const stopped = await stopEverywhere(platform, 'still');
      ({ jobs } = stopped);
      const { leader } = await leaderOf(platform);
      leader.pause();
      try {
        await untilLeader(platform, (name) => name !== leader.name);
      } finally {
        leader.resume();
      }
      stopped.open();
      await assertMoved(platform, jobs);
    });
  });

  for (const hours of [1, -1]) {
    it(`a second controller whose clock is off by ${hours} h takes over`, async () => {
      const { leader } = await leaderOf(platform);
      for (const controller of platform.controllers) if (controller !== leader) await controller.kill();
      const clock = `file://${import.meta.dirname}/skewed-clock.mjs`;
      const env = { NODE_OPTIONS: `--import=${clock}`, GRIT_TEST_CLOCK_SKEW_MS: String(hours * 3_600_000) };
      const skewed = await platform.startController(`skewed-${hours > 0 ? 'ahead' : 'behind'}`, { env });
      const prefix = `clock${hours > 0 ? 'ahead' : 'behind'}`;
      const stopped = await stopEverywhere(platform, prefix);
      const held = await holdEviction(platform, `${prefix}-held`);
      jobs = [...stopped.jobs, held.job];
      assert.equal(
        (await leaderOf(platform)).leader,
        leader,
        'a clock that is off took the Lease from a living leader',
      );
      await leader.kill();
      await untilLeader(platform, (name) => name === skewed.name);
      stopped.open();
      await held.letGo();
      await assertMoved(platform, jobs);
      await leader.start();
    });
  }

  it(`${MANY} Migrations that are made at once`, async () => {
    jobs = await startJobs(
      platform,
      Array.from({ length: MANY }, (_, index) => `many-${index}`),
    );
    await moveJobs(platform, jobs);
    await assertMoved(platform, jobs);
    await platform.untilAll(RESTORES, 'all are Restored', (all) =>
      all.every(({ status }) => status?.phase === 'Restored'),
    );
  });
});

interface FailedCreate extends KubeObject {
  readonly reason?: string;
  readonly involvedObject?: { readonly name?: string };
}

const EVENT_REASONS = EVENTS as ResourceType<FailedCreate>;

async function untilLeader(platform: KubePlatform, wanted: (name: string) => boolean): Promise<string> {
  const lease = await platform.until(
    LEASES,
    { namespace: NAMESPACE, name: 'grit-controller' },
    'has the leader that is waited for',
    ({ spec }) => (spec?.holderIdentity ?? '') !== '' && wanted(spec?.holderIdentity ?? ''),
  );
  return lease.spec?.holderIdentity ?? '';
}

async function leaderOf(platform: KubePlatform): Promise<{
  readonly leader: ControllerProcess;
  readonly rest: readonly ControllerProcess[];
}> {
  const names = platform.controllers.filter(({ isRunning }) => isRunning).map(({ name }) => name);
  const holder = await untilLeader(platform, (name) => names.includes(name));
  const leader = platform.controllers.find(({ name }) => name === holder);
  if (leader === undefined) throw new Error(`unknown leader ${holder}`);
  return { leader, rest: platform.controllers.filter((controller) => controller !== leader) };
}
