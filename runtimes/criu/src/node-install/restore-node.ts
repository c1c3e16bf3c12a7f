// SPDX-License-Identifier: Apache-2.0
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readTextIfThere } from '../files/sealed-json.js';
import { askSettings, runningContainerd, type NodeWork } from './configure-node.js';
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
  const wrapper = wrapperOf(place);
  const users = await containersWith(wrapper, join(settings.state, TASKS));
  const kept: string[] = [];
  if (users.length > 0) {
    const plain = `#!/bin/sh\nPATH='${containerd.path.replaceAll("'", "'\\''")}' exec runc "$@"\n`;
    await writeInOneStep(wrapper, plain, 0o755);
    kept.push(wrapper);
    say(`${wrapper} stays, as plain runc: ${users.length} containers still run with it`);
  }
  for (const name of await readdir(place.directory)) {
    const path = join(place.directory, name);
    if (!kept.includes(path)) await rm(path, { recursive: true, force: true });
  }
  if (kept.length === 0) await rm(place.directory, { recursive: true, force: true });
  for (const folder of [place.runDirectory, place.stateDirectory]) await rm(folder, { recursive: true, force: true });
  say('the node is as it was before');
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
