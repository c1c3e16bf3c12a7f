// SPDX-License-Identifier: Apache-2.0
import { CHECKPOINTS, PODS } from '@grit/plugin-kubernetes';
import type { KubePlatform } from '../../test/e2e/kubernetes/platform.js';
import type { SeenJob } from '../../test/simulated/watched-queue.js';

/** When the first job about an object came to its node. */
export class JobArrivals {
  readonly #first = new Map<string, number>();

  add({ objectUid, at }: SeenJob): void {
    if (!this.#first.has(objectUid)) this.#first.set(objectUid, at);
  }

  of(objectUid: string): number {
    return this.#first.get(objectUid) ?? NaN;
  }
}

/** Checkpoints of idle pods, one after the other: milliseconds from the API server's answer to the arrival of the job at the node. */
export async function timeSingles(
  platform: KubePlatform,
  arrivals: JobArrivals,
  count: number,
  prefix = 'single',
): Promise<number[]> {
  const pods = await platform.untilAll(PODS, 'pods are there', (all) => all.length >= count);
  const samples: number[] = [];
  for (const [index, pod] of pods.slice(0, count).entries()) {
    const { name, namespace = '' } = pod.metadata;
    const metadata = { name: `${prefix}-${index}`, namespace };
    const made = await platform.create(CHECKPOINTS, { metadata, spec: { podName: name } });
    const start = performance.now();
    await platform.untilPhase(CHECKPOINTS, metadata, 'Checkpointed');
    samples.push(Math.max(arrivals.of(made.metadata.uid ?? '') - start, 0));
  }
  return samples;
}
