// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  GritError,
  toGritError,
  type CheckpointOptions,
  type ImageSink,
  type PageSink,
  type PartKind,
  type PartSource,
} from '@grit/plugin-api';
import { dumpContainer, type DumpRequest } from '../driver/dump-container.js';
import { writePackScript, type PackedDirectory } from '../driver/link-remaps.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { StreamedPart } from '../page-server/page-receiver.js';
import { runTogether } from '../process/run-together.js';
import { packRoot } from '../rootfs/root-diff.js';
import type { PackPlan } from './pack-plan.js';
import type { ContainerToDump } from './pod-to-dump.js';
import { copyRuncState } from './runc-state.js';

/** What is dumped, and where to. */
export interface PodDumpJob {
  readonly containers: readonly ContainerToDump[];
  readonly plan: PackPlan;
  readonly sink: ImageSink;
  readonly options: CheckpointOptions;
  readonly pages: DumpRequest['pages'];
  /** A directory of ours, nobody else's. */
  readonly work: string;
}

/** What a dump consists of. */
export interface DumpedPod {
  /** Files; the sink has them. */
  readonly parts: readonly PartSource[];
  readonly streamed: readonly StreamedPart[];
}

/**
 * Dumps the frozen containers, one after the other, while what they share is packed. Each file is given to the sink as soon as it is complete.
 * Errors name the container.
 */
export async function dumpPod(node: NodeEnvironment, job: PodDumpJob, signal: AbortSignal): Promise<DumpedPod> {
  const { containers, plan, sink } = job;
  const parts: PartSource[] = [];
  const streamed: StreamedPart[] = [];
  const add = (name: string, kind: PartKind): void => {
    const part = { name, kind, path: join(sink.directory, name) };
    sink.add(part);
    parts.push(part);
  };
  const all = [...plan.now, ...[...plan.inDump.values()].flatMap((packs) => [...packs])];
  for (const [, { tar }] of all) await mkdir(dirname(tar), { recursive: true, mode: 0o700 });
  const dumpEach = async (both: AbortSignal): Promise<void> => {
    let doneBytes = 0;
    for (const one of containers) {
      const { name } = one.container;
      const pages = await dumpOne(node, job, one, doneBytes, both).catch((error: unknown) => {
        throw inContainer(name, error);
      });
      doneBytes += pages.reduce((sum, { size }) => sum + size, 0);
      streamed.push(...pages);
      for (const part of plan.inDump.get(name)?.keys() ?? []) add(part, kindOf(part));
      for (const file of (await readdir(join(placeOf(sink, name), 'criu'))).sort()) {
        add(`containers/${name}/criu/${file}`, file.startsWith('pages-') ? 'memory' : 'runtime');
      }
      await writeFile(join(placeOf(sink, name), 'config.json'), one.container.specText, { mode: 0o600 });
      add(`containers/${name}/config.json`, 'runtime');
    }
  };
  const packEach = async (both: AbortSignal): Promise<void> => {
    for (const [part, { directory, tar }] of plan.now) {
      await packRoot(node, directory, tar, both);
      add(part, kindOf(part));
    }
  };
  await runTogether([dumpEach, packEach], signal);
  return { parts, streamed };
}

async function dumpOne(
  node: NodeEnvironment,
  { sink, options, pages, plan, work }: PodDumpJob,
  { container }: ContainerToDump,
  before: number,
  signal: AbortSignal,
): Promise<readonly StreamedPart[]> {
  const directory = placeOf(sink, container.name);
  await mkdir(join(directory, 'work'), { recursive: true, mode: 0o700 });
  const target = await copyRuncState(container, join(work, container.name));
  const packs: readonly PackedDirectory[] = [...(plan.inDump.get(container.name)?.values() ?? [])];
  const script = packs.length === 0 ? undefined : await writePackScript(join(directory, 'work'), packs);
  const prefix = `containers/${container.name}/`;
  const onProgress: CheckpointOptions['onProgress'] = (progress) => {
    options.onProgress?.({ ...progress, doneBytes: before + progress.doneBytes });
  };
  const found = await dumpContainer(
    node,
    target,
    {
      directory,
      script,
      options: { ...options, ...(options.onProgress === undefined ? {} : { onProgress }) },
      pages: pages === undefined ? undefined : { ...pages, sink: withPrefix(pages.sink, prefix) },
    },
    signal,
  );
  return found.map(({ name, size }) => ({ name: `${prefix}${name}`, size }));
}

/** All containers of a pod stream into one sink, each into parts of its own. */
function withPrefix(sink: PageSink, prefix: string): PageSink {
  return {
    room: () => sink.room(),
    ready: async (signal) => sink.ready(signal),
    open: (name) => sink.open(`${prefix}${name}`),
  };
}

/** Where the files of one container are. */
export function placeOf({ directory }: Pick<ImageSink, 'directory'>, container: string): string {
  return join(directory, 'containers', container);
}

function kindOf(part: string): PartKind {
  return part.startsWith('containers/') ? 'rootfs' : 'volume';
}

function inContainer(name: string, error: unknown): GritError {
  const { code, message, hint, cause, details } = toGritError(error, 'GRIT_DUMP_FAILED');
  if (code === 'GRIT_ABORTED') return toGritError(error, code);
  return new GritError(code, `container ${name}: ${message}`, {
    hint,
    cause,
    details: { ...details, container: name },
  });
}
