// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dumpByHand, resumeByHand } from '../../test/e2e/node/dump-by-hand.js';
import { SOURCE, type BenchPod, type MigratePlatform } from './migrate-platform.js';

/** The yardstick of the frozen time: a plain `runc checkpoint` of the pod into files. Milliseconds; the pod goes on. */
export async function bareDump(platform: MigratePlatform, { name }: BenchPod): Promise<number> {
  const node = platform.real.cluster.node(SOURCE);
  const directory = join(node.directory, 'bare', name);
  await mkdir(directory, { recursive: true });
  const { checkpointMs } = await dumpByHand(node, name, join(directory, 'image'));
  await resumeByHand(node, name);
  await rm(directory, { recursive: true });
  return checkpointMs;
}
