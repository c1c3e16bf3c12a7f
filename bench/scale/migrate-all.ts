// SPDX-License-Identifier: Apache-2.0
import { MIGRATIONS, PODS, type MigrationPhase } from '@grit/plugin-kubernetes';
import type { KubePlatform } from '../../test/e2e/kubernetes/platform.js';
import { atOnce } from './at-once.js';

/** What became of many Migrations. */
export interface Storm {
  readonly failed: number;
  /** From the first creation to the last end. */
  readonly wallSeconds: number;
  /** Of each, from its creation to its end. */
  readonly seconds: readonly number[];
}

const ENDS: readonly (MigrationPhase | undefined)[] = ['Succeeded', 'ReturnedToSource', 'Partial', 'Failed'];
const PATIENCE_MS = 3_600_000;
const TELL_MS = 10_000;

/** A Migration for each pod, all made at once; waits for the end of all. */
export async function migrateAll(platform: KubePlatform, say: (line: string) => void): Promise<Storm> {
  const pods = await platform.untilAll(PODS, 'pods are there', (all) => all.length > 0);
  const made = new Map<string, number>();
  const ended = new Map<string, number>();
  const start = performance.now();
  let told = start;
  const waiting = platform.untilAll(
    MIGRATIONS,
    'all Migrations have ended',
    (all) => {
      const now = performance.now();
      for (const { metadata, status } of all) {
        if (ENDS.includes(status?.phase) && !ended.has(metadata.name)) ended.set(metadata.name, now);
      }
      if (now - told > TELL_MS) {
        told = now;
        say(`${Math.round((now - start) / 1_000)} s: ${ended.size} of ${pods.length}`);
      }
      return ended.size === pods.length;
    },
    PATIENCE_MS,
  );
  await atOnce(pods.length, async (index) => {
    const { name = '', namespace = '' } = pods[index]?.metadata ?? {};
    made.set(`move-${index}`, performance.now());
    await platform.create(MIGRATIONS, { metadata: { name: `move-${index}`, namespace }, spec: { podName: name } });
  });
  const all = await waiting;
  const failed = all.filter(({ status }) => status?.phase !== 'Succeeded');
  for (const { metadata, status } of failed.slice(0, 5)) say(`${metadata.name}: ${JSON.stringify(status)}`);
  return {
    failed: failed.length,
    wallSeconds: (Math.max(...ended.values()) - start) / 1_000,
    seconds: [...ended].map(([name, at]) => (at - (made.get(name) ?? NaN)) / 1_000),
  };
}
