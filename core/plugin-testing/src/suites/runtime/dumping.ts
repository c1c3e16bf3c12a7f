// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { constants, copyFile, mkdir, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import {
  type CheckpointOptions,
  type HeldCheckpoint,
  type ImageSink,
  type ImageSource,
  type PartSource,
  type WorkloadRef,
} from '@grit/plugin-api';
import { NEVER, eventually } from '../expect.js';
import { FileImageSink } from './file-image-sink.js';
import type { RuntimeSubject } from './runtime-subject.js';

/** A dump made by a case. */
export interface Dumped {
  readonly held: HeldCheckpoint;
  readonly parts: readonly PartSource[];
  readonly directory: string;
}

/** Starts the suite's workload and waits until it gets on. */
export async function startWorkload(subject: RuntimeSubject, name: string): Promise<WorkloadRef> {
  const { workload } = await subject.launcher.start(subject.spec(name), NEVER);
  await getsOn(subject, workload);
  return workload;
}

/** Waits until the workload has come further than now. */
export async function getsOn(subject: RuntimeSubject, workload: WorkloadRef, from?: number): Promise<void> {
  const start = from ?? (await subject.progressOf(workload));
  await eventually(`${workload.name} gets on`, async () => (await subject.progressOf(workload)) > start);
}

/** Checkpoints into a directory of the subject; the parts are checked. `filesOnly`: the sink takes no pages. */
export async function dump(
  subject: Pick<RuntimeSubject, 'driver' | 'directory'>,
  workload: WorkloadRef,
  checkpoint: string,
  options: Partial<CheckpointOptions> & { readonly signal?: AbortSignal; readonly filesOnly?: boolean } = {},
): Promise<Dumped> {
  const directory = join(subject.directory, checkpoint);
  await mkdir(directory, { recursive: true });
  const sink = new FileImageSink(directory);
  const { signal = NEVER, filesOnly = false, ...rest } = options;
  const given: ImageSink = filesOnly ? { directory, add: (part) => sink.add(part) } : sink;
  const held = await subject.driver.checkpoint(workload, given, { checkpoint, tcp: 'refuse', ...rest }, signal);
  for (const part of sink.files) {
    const path = relative(directory, part.path);
    assert.ok(!path.startsWith('..') && !isAbsolute(path), `part ${part.name} is outside the sink: ${part.path}`);
    assert.ok((await stat(part.path)).isFile(), `part ${part.name} is no regular file`);
  }
  const parts = await sink.parts();
  assert.equal(new Set(parts.map(({ name }) => name)).size, parts.length, 'a part was added twice');
  return { held, parts, directory };
}

/** The image of a dump as a driver is given it at a restore: parts under their names, data through JSON. */
export async function imageOf(subject: RuntimeSubject, dumped: Dumped, checkpoint: string): Promise<ImageSource> {
  const directory = join(subject.directory, `${checkpoint}-fetched`);
  await mkdir(directory, { recursive: true });
  const parts = [];
  for (const part of dumped.parts) {
    const path = join(directory, part.name);
    await mkdir(join(path, '..'), { recursive: true });
    await copyFile(part.path, path, constants.COPYFILE_FICLONE);
    parts.push({ name: part.name, kind: part.kind, path, size: (await stat(path)).size });
  }
  return { checkpoint, directory, parts, runtime: throughJson(dumped.held.runtime) };
}

/** What comes out at the other end of the catalog or the queue. */
export function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
