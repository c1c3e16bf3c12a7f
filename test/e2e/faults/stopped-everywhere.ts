// SPDX-License-Identifier: Apache-2.0
import type { StepBarrier, StepPoint } from '../../simulated/step-barriers.js';
import type { KubePlatform } from '../kubernetes/platform.js';
import { moveJobs, startJobs, type MovedJob } from './moved-jobs.js';

/** The points that a migration passes, in their order. */
export const POINTS: readonly StepPoint[] = [
  'checkpoint.before',
  'checkpoint.frozen',
  'checkpoint.stored',
  'pod.end',
  'restore.before',
  'restore.fetched',
  'restore.after',
];

/** Migrations of which each stands at another point. */
export interface StoppedEverywhere {
  readonly jobs: readonly MovedJob[];
  /** Lets all go on. */
  open(): void;
}

/** Starts a Job for each point and moves it up to there. Names begin with `prefix`. */
export async function stopEverywhere(platform: KubePlatform, prefix: string): Promise<StoppedEverywhere> {
  const names = POINTS.map((point) => `${prefix}-${point.replace('.', '-')}`);
  const jobs = await startJobs(platform, names);
  const barriers = jobs.map((job, index) => closeAt(platform, POINTS[index] ?? 'checkpoint.before', job));
  await moveJobs(platform, jobs);
  await Promise.all(barriers.map(({ reached }) => reached));
  return { jobs, open: () => barriers.forEach((barrier) => barrier.open()) };
}

/** A barrier in the way of one Job's migration. */
export function closeAt(platform: KubePlatform, point: StepPoint, { name, pod }: MovedJob): StepBarrier {
  const { metadata } = pod;
  // The Checkpoint and the Restore have the name of the Migration.
  const object = point === 'pod.end' ? metadata.name : name;
  return platform.barriers.close(point, { object: `${metadata.namespace ?? ''}/${object}` });
}
