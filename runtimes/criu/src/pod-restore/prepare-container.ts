// SPDX-License-Identifier: Apache-2.0
import { mkdir, writeFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { GritError, type TcpPolicy } from '@grit/plugin-api';
import { writeCriuOptions } from '../criu/criu-options.js';
import { writeResumeFrozenScript } from '../criu/resume-frozen.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { PodRecord } from '../pod/pod-image.js';
import type { Answer, Call } from './call.js';
import { pathThrough, type Shim } from './caller.js';
import { shellToFindGroup } from '../pod/pod-cgroup.js';
import { withMemoryLimit, writeBundleConfig, type PodBundle } from './pod-bundle.js';
import { RESTORED_MARK } from './rendezvous.js';
import { replaceRoot } from './replace-root.js';
import { skipInit, writeExitProgram } from './skip-init.js';

/** What a container is restored from, and with what. */
export interface ContainerRestore {
  /** Directory with the parts. */
  readonly image: string;
  /** A directory of ours for this container. */
  readonly work: string;
  readonly tcp: TcpPolicy;
  /** Its memory limit, where it is another than in the bundle. */
  readonly memoryLimit?: number | undefined;
}

/** CRIU knows a mount by where it is: the same places must be there, and nothing that the processes would then miss. */
export function checkMounts(source: PodRecord['containers'][number], bundle: PodBundle): void {
  const here = bundle.mounts.map(({ destination }) => destination);
  const missing = source.mounts.filter((destination) => !here.includes(destination));
  const added = here.filter((destination) => !source.mounts.includes(destination));
  if (missing.length + added.length === 0) return;
  const words = [
    ...missing.map((destination) => `${destination} is mounted in the checkpoint and not in the pod`),
    ...added.map((destination) => `${destination} is mounted in the pod and not in the checkpoint`),
  ];
  throw new GritError('GRIT_RESTORE_INCOMPATIBLE', `container ${source.name}: ${words.join('; ')}`);
}

/** Everything that `runc restore` needs. Idempotent. Returns how it is to be called. */
export async function prepareContainer(
  node: NodeEnvironment,
  call: Call,
  bundle: PodBundle,
  shim: Shim,
  { image, work, tcp, memoryLimit }: ContainerRestore,
  signal: AbortSignal,
): Promise<Answer> {
  const parts = join(image, 'containers', bundle.container);
  const criuConfig = join(work, 'criu.conf');
  await mkdir(work, { recursive: true, mode: 0o700 });
  await replaceRoot(node, shim, join(call.bundle, 'rootfs'), join(parts, 'rootfs.tar'), work, signal);
  const freeze = await writeResumeFrozenScript(work, await shellToFindGroup(call.id));
  await writeCriuOptions(node, { criuConfig }, 'restore', tcp, freeze);
  const annotations = { ...bundle.config.annotations, 'org.criu.config': criuConfig };
  const config = memoryLimit === undefined ? bundle.config : withMemoryLimit(bundle.config, memoryLimit);
  await writeBundleConfig(call.bundle, shim, { ...config, annotations });
  await writeFile(pathThrough(shim, join(call.bundle, RESTORED_MARK)), '');
  return { do: 'restore', images: join(parts, 'criu'), work, path: ownPath(node) };
}

/** An init container: it has done its work before the checkpoint. */
export async function prepareSkippedInit(
  node: NodeEnvironment,
  call: Call,
  bundle: PodBundle,
  shim: Shim,
): Promise<void> {
  const program = join(node.emptyDirectory, '..', 'exit');
  await writeExitProgram(program, arch());
  await writeBundleConfig(call.bundle, shim, skipInit(bundle.config, program));
}

/** What this node was given beside the PATH that all have: where CRIU is. */
function ownPath(node: NodeEnvironment): string {
  const [all = '', common = ''] = [node.env.PATH, process.env.PATH];
  return all.endsWith(`:${common}`) ? all.slice(0, -common.length - 1) : '';
}
