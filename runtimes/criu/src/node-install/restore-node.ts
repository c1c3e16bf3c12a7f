// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readTextIfThere } from '../files/sealed-json.js';
import { askSettings, plainWrapper, runningContainerd, type NodeWork } from './configure-node.js';
import type { ContainerdProcess } from './containerd-process.js';
import type { ContainerdSettings } from './containerd-settings.js';
import { restartContainerd } from './containerd-restart.js';
import { HANDLER, withoutHandler } from './handler-config.js';
import { wrapperOf } from './place.js';
import { writeInOneStep } from './write-in-one-step.js';

/** What a shim keeps beside its bundle: the program that it calls. */
const TASKS = 'io.containerd.runtime.v2.task';

/**
 * Takes back everything that the installer and the agent have put on the node. The wrapper stays, as plain runc, while containers run that
 * were started with it: without it they could not be ended. Runs among the node's files.
 */
export async function restoreNode(work: NodeWork): Promise<void> {
  const { place, say, signal } = work;
  const containerd = await runningContainerd(work);
  const settings = await askSettings(containerd, signal);
  const folders = settings.imports.filter((pattern) => pattern.endsWith('/*.toml')).map((pattern) => dirname(pattern));
  const dropIns = folders.map((folder) => join(folder, `${HANDLER}.toml`));
  let changed = false;
  for (const file of new Set([containerd.config, ...dropIns])) {
    const text = await readTextIfThere(file);
    if (text === undefined || withoutHandler(text) === text) continue;
    const before = withoutHandler(text);
    if (before === '' || before === 'version = 3\n') await rm(file);
    else await writeInOneStep(file, before);
    changed = true;
    say(`containerd: ${file} is as it was before`);
  }
  if (changed) {
    say(`containerd: restarting it (${containerd.unit ?? `process ${containerd.pid}`}); containers go on`);
    await restartContainerd(containerd, work.containerdSocket, work.near, signal);
  }
  const kept = await keepWrapper(work, containerd, settings);
  await removeFolder(place.directory, kept);
  for (const folder of [place.runDirectory, place.stateDirectory]) await removeFolder(folder);
  say('the node is as it was before');
}

/** The wrapper, as plain runc, if containers run with it. */
async function keepWrapper(
  { place, say }: NodeWork,
  containerd: ContainerdProcess,
  settings: ContainerdSettings,
): Promise<string[]> {
  const wrapper = wrapperOf(place);
  const users = await containersWith(wrapper, join(settings.state, TASKS));
  if (users.length === 0) return [];
  await writeInOneStep(wrapper, plainWrapper(containerd, settings), 0o755);
  say(`${wrapper} stays, as plain runc: ${users.length} containers still run with it`);
  return [wrapper];
}

/** Empties a folder, but for what is kept, and removes it unless it is mounted itself or something is left. */
async function removeFolder(folder: string, kept: readonly string[] = []): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    if (!kept.includes(path)) await rm(path, { recursive: true, force: true });
  }
  await rmdir(folder).catch((error: unknown) => {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EBUSY', 'ENOENT', 'ENOTEMPTY'].includes(code)) throw error;
  });
}

/** Containers whose shim calls this program. */
async function containersWith(program: string, tasks: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const namespace of await readdir(tasks).catch(() => [])) {
    for (const id of await readdir(join(tasks, namespace)).catch(() => [])) {
      const runtime = await readFile(join(tasks, namespace, id, 'runtime'), 'utf8').catch(() => '');
      if (runtime === program) found.push(id);
    }
  }
  return found;
}
