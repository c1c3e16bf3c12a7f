// SPDX-License-Identifier: Apache-2.0
import { copyFile, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PODS } from '@grit/plugin-kubernetes';
import type { ImageSource } from '@grit/plugin-api';
import { dumpByHand, resumeByHand } from '../../test/e2e/node/dump-by-hand.js';
import type { PodAgent } from '../../test/e2e/node/pod-agent.js';
import { SOURCE, TARGET, type BenchPod, type MigratePlatform } from './migrate-platform.js';
import type { Moved } from './our-flow.js';

const COPIES = 10;
const never = new AbortController().signal;

/**
 * The prototype's way, by hand: pause, dump, resume, copy all files to the volume ten at a time, delete the pod, copy them back for the
 * new one, restore. In its favour: its Jobs for the two copies take no time to start, and its new pod comes at once.
 */
export async function seedFlow(
  platform: MigratePlatform,
  agent: PodAgent,
  { name, counts }: BenchPod,
): Promise<Omit<Moved, 'frozen'>> {
  const source = platform.real.cluster.node(SOURCE);
  const local = join(source.directory, 'seed', name, 'image');
  const volume = join(platform.store, 'seed', name);
  const back = join(platform.real.cluster.node(TARGET).directory, 'seed', name, 'image');
  await mkdir(local, { recursive: true });
  const asked = performance.now();
  const dumped = await dumpByHand(source, name, local);
  await resumeByHand(source, name);
  const bytes = await copyAll(local, volume);
  const ref = { namespace: 'default', name };
  const before = await platform.client.get(PODS, ref, never);
  await platform.client.delete(PODS, ref, {}, never);
  await platform.real.wait(`pod/${name}`, 'delete');
  const deleted = performance.now();
  const annotations = { 'grit.dev/restore-name': name };
  const pod = await platform.client.create(PODS, platform.pod(name, TARGET, annotations), {}, never);
  if (pod.metadata.uid === before.metadata.uid) throw new Error('the pod was not replaced');
  await copyAll(volume, back);
  const image: ImageSource = {
    ...dumped,
    directory: back,
    parts: dumped.parts.map((part) => ({ ...part, path: join(back, part.name) })),
  };
  const workload = { kind: 'pod', ...ref, uid: pod.metadata.uid };
  const target = { workload, restore: name, tcp: 'close' } as const;
  await agent.prepareRestore(image, target);
  await agent.restore(image, target);
  const first = await counts.next(deleted);
  await delay(500);
  const { doubled, lost } = counts.mistakes;
  for (const directory of [dirname(local), volume, dirname(back)])
    await rm(directory, { recursive: true, force: true });
  return { requestToFirstOutput: first.at - asked, pause: counts.longestPause(asked).ms, bytes, doubled, lost };
}

/** Copies a folder file by file, ten at a time; returns the bytes. */
async function copyAll(from: string, to: string): Promise<number> {
  const files = (await readdir(from, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  let bytes = 0;
  const worker = async (): Promise<void> => {
    for (let entry = files.pop(); entry !== undefined; entry = files.pop()) {
      const path = join(entry.parentPath, entry.name);
      const target = join(to, path.slice(from.length + 1));
      await mkdir(dirname(target), { recursive: true });
      await copyFile(path, target);
      bytes += (await stat(target)).size;
    }
  };
  await Promise.all(Array.from({ length: COPIES }, worker));
  return bytes;
}
