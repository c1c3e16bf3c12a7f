// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { MIGRATIONS, PODS, type Migration, type Pod } from '@grit/plugin-kubernetes';
import { jobObject, JOBS } from '../../simulated/workload-objects.js';
import type { KubePlatform } from '../kubernetes/platform.js';

const NAMESPACE = 'default';
/** Tests are quicker, clocks that are off are so by more. */
const HALF_AN_HOUR_MS = 1_800_000;

/** A Job whose one pod is moved. */
export interface MovedJob {
  readonly name: string;
  readonly uid: string;
  /** The pod that ran first. */
  readonly pod: Pod;
}

/** Jobs of one pod that never ends by itself; returns when all run. */
export async function startJobs(platform: KubePlatform, names: readonly string[]): Promise<readonly MovedJob[]> {
  return Promise.all(
    names.map(async (name) => {
      const { metadata } = await platform.create(JOBS, jobObject(name, NAMESPACE));
      const [pod] = await runningPodsOf(platform, name);
      assert.ok(pod);
      return { name, uid: metadata.uid ?? '', pod };
    }),
  );
}

/** A Migration for each, named as its Job. */
export async function moveJobs(platform: KubePlatform, jobs: readonly MovedJob[]): Promise<void> {
  await Promise.all(
    jobs.map(({ name, pod }) =>
      platform.create(MIGRATIONS, { metadata: { name, namespace: NAMESPACE }, spec: { podName: pod.metadata.name } }),
    ),
  );
}

/** Waits until all have moved, and checks that nothing ran twice, began anew, or is left behind. */
export async function assertMoved(platform: KubePlatform, jobs: readonly MovedJob[]): Promise<void> {
  const { observer } = platform;
  for (const { name, uid, pod } of jobs) {
    const { status } = await ended(platform, name);
    assert.ok(status);
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
    assert.notEqual(status.targetNode, undefined);
    const off = Math.abs(Date.parse(status.finishedAt ?? '') - Date.now());
    assert.ok(
      off < HALF_AN_HOUR_MS,
      `finishedAt ${status.finishedAt ?? ''} is by the clock of a controller that is off`,
    );
    const [next, ...more] = await runningPodsOf(platform, name);
    assert.equal(next?.metadata.name, status.targetPod);
    assert.notEqual(next?.metadata.uid, pod.metadata.uid);
    assert.deepEqual(more, []);
    assert.equal(observer.freshStarts(uid), 1, `${name} began anew\n${historyOf(platform, name)}`);
  }
  assertNothingTwice(platform);
}

/** What the nodes saw holds for everything that ran so far. */
function assertNothingTwice({ observer }: KubePlatform): void {
  assert.deepEqual(observer.violations, [], observer.history.join('\n'));
  assert.deepEqual(observer.repeatedWork, [], observer.history.join('\n'));
}

/** Ends the Jobs, so that the next test finds nodes with nothing on them. */
export async function removeJobs(platform: KubePlatform, jobs: readonly MovedJob[]): Promise<void> {
  for (const { name } of jobs) {
    await platform.kubectl('delete', 'migration', name, '--namespace', NAMESPACE, '--ignore-not-found');
    await platform.kubectl('delete', 'job', name, '--namespace', NAMESPACE, '--wait=false');
  }
  const names = jobs.map(({ name }) => name);
  await platform.untilAll(PODS, `the pods of ${names.join()} are gone`, (pods) =>
    pods.every(({ metadata }) => !names.includes(metadata.labels?.['app'] ?? '')),
  );
}

function ended(platform: KubePlatform, name: string): Promise<Migration> {
  return platform.untilPhase(
    MIGRATIONS,
    { namespace: NAMESPACE, name },
    'Succeeded',
    'ReturnedToSource',
    'Failed',
    'Partial',
  );
}

async function runningPodsOf(platform: KubePlatform, app: string): Promise<readonly Pod[]> {
  const running = (pods: readonly Pod[]): readonly Pod[] =>
    pods.filter(({ metadata, status }) => metadata.labels?.['app'] === app && status?.phase === 'Running');
  return running(await platform.untilAll(PODS, `a pod of ${app} runs`, (pods) => running(pods).length > 0));
}

function historyOf({ observer }: KubePlatform, name: string): string {
  return observer.history.filter((line) => line.includes(`/${name}-`)).join('\n');
}
