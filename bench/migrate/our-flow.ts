// SPDX-License-Identifier: Apache-2.0
import { CHECKPOINTS, MIGRATIONS, type MigrationSpec } from '@grit/plugin-kubernetes';
import { head, TARGET, type BenchPod, type MigratePlatform } from './migrate-platform.js';

/** What a migration cost. Milliseconds, bytes, lines. */
export interface Moved {
  readonly requestToFirstOutput: number;
  /** From the last line on the source to the first one on the target. */
  readonly pause: number;
  readonly bytes: number;
  readonly doubled: number;
  readonly lost: number;
  /** From the freeze to the moment at which the source may go, as the checkpoint says. */
  readonly frozen: number;
}

const never = new AbortController().signal;
/** Phases of a checkpoint before the freeze. */
const BEFORE = ['preflight', 'open', 'hold'];

/** A Migration, as a user makes it. */
export async function ourFlow(
  platform: MigratePlatform,
  { name, counts }: BenchPod,
  strategy: NonNullable<MigrationSpec['strategy']>,
): Promise<Moved> {
  const metadata = { name, namespace: 'default' };
  const asked = performance.now();
  const spec = { podName: name, nodeName: TARGET, strategy };
  await platform.client.create(MIGRATIONS, { ...head(MIGRATIONS), metadata, spec }, {}, never);
  await platform.real.wait(`migration/${name}`, 'jsonpath={.status.phase}=Succeeded');
  await counts.next(performance.now());
  const pause = counts.longestPause(asked);
  const { status } = await platform.client.get(CHECKPOINTS, metadata, never);
  const frozen = (status?.timings ?? [])
    .filter(({ phase }) => !BEFORE.includes(phase) && !phase.startsWith('precopy'))
    .reduce((sum, { ms }) => sum + ms, 0);
  return {
    requestToFirstOutput: (pause.end?.at ?? NaN) - asked,
    pause: pause.ms,
    bytes: status?.image?.stored ?? NaN,
    frozen,
    ...counts.mistakes,
  };
}
