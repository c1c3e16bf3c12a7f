// SPDX-License-Identifier: Apache-2.0
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { GritError } from '@grit/plugin-api';
import { readTextIfThere } from '../files/sealed-json.js';
import { runOrThrow } from '../process/run-program.js';
import { shellWord } from '../process/shell-word.js';
import { findContainerd, type ContainerdProcess } from './containerd-process.js';
import { restartContainerd } from './containerd-restart.js';
import { readContainerdSettings, type ContainerdSettings } from './containerd-settings.js';
import { addHandler, HANDLER } from './handler-config.js';
import { pendingOf, wrapperOf, type NodePlace } from './place.js';
import { writeInOneStep } from './write-in-one-step.js';

/** What the two halves of the installer work with; all paths are the node's. */
export interface NodeWork {
  readonly place: NodePlace;
  readonly containerdSocket: string;
  /** A process in the node's network. */
  readonly near: number;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes the node fit for pods of our RuntimeClass: the wrapper, the handler in containerd's configuration, and a restart of containerd if
 * and only if that has changed. Does nothing where all is done. Runs among the node's files.
 * Throws GRIT_RUNTIME_UNAVAILABLE, GRIT_UNSUPPORTED; the configuration is then what it was.
 */
export async function configureNode(work: NodeWork): Promise<void> {
  const { place, say, signal } = work;
  const containerd = await runningContainerd(work);
  for (const folder of [place.runDirectory, place.stateDirectory])
    await mkdir(folder, { recursive: true, mode: 0o700 });
  await makeWrapper(place, containerd, signal);
  const pending = pendingOf(place);
  if (await ensureHandler(work, containerd)) {
    say(`containerd: the handler ${HANDLER} is new in its configuration`);
  } else if ((await readTextIfThere(pending)) === undefined) {
    say(`containerd: has the handler ${HANDLER}, nothing to do`);
    return;
  }
  say(`containerd: restarting it (${containerd.unit ?? `process ${containerd.pid}`}); containers go on`);
  await restartContainerd(containerd, work.containerdSocket, work.near, signal);
  await rm(pending, { force: true });
  say('containerd: is back, with the handler');
}

/** Throws GRIT_RUNTIME_UNAVAILABLE when there is none. */
export async function runningContainerd({ containerdSocket, near }: NodeWork): Promise<ContainerdProcess> {
  const containerd = await findContainerd(containerdSocket, near);
  if (containerd !== undefined) return containerd;
  throw new GritError('GRIT_RUNTIME_UNAVAILABLE', `nobody listens on ${containerdSocket}`);
}

/** The configuration as containerd itself reads it; `enter` are words before a command that is to see the node's files. */
export async function askSettings(
  containerd: ContainerdProcess,
  signal: AbortSignal,
  enter: readonly string[] = [],
): Promise<ContainerdSettings> {
  const [command, ...args] = [...enter, `/proc/${containerd.pid}/exe`, '--config', containerd.config, 'config', 'dump'];
  const failed = (message: string): GritError => new GritError('GRIT_RUNTIME_UNAVAILABLE', message);
  const env = { ...process.env, PATH: containerd.path };
  return readContainerdSettings(await runOrThrow(command, args, { env, signal }, failed));
}

/** Until an agent replaces it by its own, a pod of our RuntimeClass runs as any other. */
async function makeWrapper(place: NodePlace, containerd: ContainerdProcess, signal: AbortSignal): Promise<void> {
  const wrapper = wrapperOf(place);
  if ((await readTextIfThere(wrapper)) !== undefined) return;
  await writeInOneStep(wrapper, plainWrapper(containerd, await askSettings(containerd, signal)), 0o755);
}

/** A wrapper that is what the default runtime is, as containerd finds it. */
export function plainWrapper({ path }: ContainerdProcess, { program }: ContainerdSettings): string {
  return `#!/bin/sh\nPATH=${shellWord(path)} exec ${shellWord(program)} "$@"\n`;
}

async function ensureHandler(work: NodeWork, containerd: ContainerdProcess): Promise<boolean> {
  const { place, signal, say } = work;
  const before = await askSettings(containerd, signal);
  if (before.runtimes.includes(HANDLER)) return false;
  const change = addHandler(containerd.config, await readTextIfThere(containerd.config), before, wrapperOf(place));
  const old = await readTextIfThere(change.file);
  // First: whoever ends after the next line leaves a containerd that is to be restarted.
  await writeFile(pendingOf(place), '');
  await writeInOneStep(change.file, change.text);
  say(`containerd: wrote ${change.file}`);
  const after = await askSettings(containerd, signal).catch((error: unknown) => String(error));
  const lost = typeof after === 'string' ? [after] : before.runtimes.filter((name) => !after.runtimes.includes(name));
  if (typeof after !== 'string' && lost.length === 0 && after.runtimes.includes(HANDLER)) return true;
  if (old === undefined) await rm(change.file);
  else await writeInOneStep(change.file, old);
  await rm(pendingOf(place), { force: true });
  throw new GritError('GRIT_UNSUPPORTED', `containerd does not read ${change.file} as expected; it is as it was`, {
    details: { lost: lost.join(', ') },
    hint: `Add the runtime ${HANDLER} to its configuration yourself; the installer then leaves it alone.`,
  });
}
