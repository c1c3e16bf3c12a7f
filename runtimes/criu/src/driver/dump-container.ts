// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, type CheckpointOptions, type PageSink } from '@grit/plugin-api';
import { criuLogTail } from '../criu/criu-log.js';
import { writeCriuOptions } from '../criu/criu-options.js';
import type { NodeEnvironment } from '../node-environment.js';
import { PageServer } from '../page-server/page-server.js';
import type { StreamedPart } from '../page-server/page-receiver.js';
import type { HeaderLayout } from '../page-server/protocol.js';
import { runProgram } from '../process/run-program.js';
import { throwIfAborted } from '../process/wait-until.js';

const PROGRESS_MS = 300;

/** How long CRIU may take to let go of the processes by itself when its pages are not taken any more. */
const RETREAT_MS = 5_000;

/** A container as runc knows it. */
export interface DumpTarget {
  /** Directory with runc's state. */
  readonly runcRoot: string;
  readonly container: string;
  /** The file that its annotation org.criu.config names. */
  readonly criuConfig: string;
}

/** Where and how a container is dumped. */
export interface DumpRequest {
  /** The sink's; `criu` and `work` are made below it. */
  readonly directory: string;
  readonly script: string | undefined;
  readonly options: CheckpointOptions;
  /** Where the pages go; into files beside the other images when it is not there. */
  readonly pages?: { readonly sink: PageSink; readonly layout: HeaderLayout } | undefined;
}

/**
 * Lets CRIU write the state of the frozen container into `criu`. It is frozen again when this returns. Returns what came as pages.
 */
export async function dumpContainer(
  node: NodeEnvironment,
  target: DumpTarget,
  { directory, script, options, pages }: DumpRequest,
  signal: AbortSignal,
): Promise<readonly StreamedPart[]> {
  const images = join(directory, 'criu');
  await Promise.all([
    mkdir(images, { recursive: true, mode: 0o700 }),
    writeCriuOptions(node, target, 'dump', options.tcp, script),
  ]);
  const run: RuncCheckpoint = { node, target, images, work: join(directory, 'work') };
  if (pages !== undefined) return dumpThroughServer(run, pages, options, signal);
  const report = reporter(options, async () => sizeOfPages(images));
  try {
    await checkpointContainer(run, [], signal);
    return [];
  } finally {
    clearInterval(report);
  }
}

/** The error of the stream goes before what CRIU says about the end of its connection. */
async function dumpThroughServer(
  run: RuncCheckpoint,
  { sink, layout }: NonNullable<DumpRequest['pages']>,
  options: CheckpointOptions,
  signal: AbortSignal,
): Promise<readonly StreamedPart[]> {
  const { images, node } = run;
  const server = await PageServer.listen({ sink, layout, images, logger: node.logger, signal });
  const report = reporter(options, () => server.bytes);
  const tooLate = new AbortController();
  let retreat: NodeJS.Timeout | undefined;
  server.failure.catch(() => {
    retreat = setTimeout(() => tooLate.abort(), RETREAT_MS);
  });
  try {
    const { promise, resolve } = Promise.withResolvers<number>();
    server.expect(promise);
    const either = AbortSignal.any([signal, tooLate.signal]);
    await checkpointContainer(run, ['--page-server', server.address], either, resolve);
    return await server.finish();
  } catch (error) {
    throwIfAborted(signal);
    throw (await server.close()) ?? error;
  } finally {
    clearTimeout(retreat);
    clearInterval(report);
    await server.close();
  }
}

interface RuncCheckpoint {
  readonly node: NodeEnvironment;
  readonly target: DumpTarget;
  readonly images: string;
  readonly work: string;
}

async function checkpointContainer(
  { node, target, images, work }: RuncCheckpoint,
  more: readonly string[],
  signal: AbortSignal,
  onStart?: (pid: number) => void,
): Promise<void> {
  const args = ['--root', target.runcRoot, 'checkpoint', '--leave-running'];
  const paths = ['--image-path', images, '--work-path', work];
  const { code, output } = await runProgram(node.config.runc, [...args, ...paths, ...more, target.container], {
    env: node.env,
    signal,
    outputFile: join(work, 'runc.log'),
    onStart,
  });
  if (code !== 0) throw await failure(code, output, join(work, 'dump.log'));
}

async function failure(code: number, output: string, logPath: string): Promise<GritError> {
  const log = await criuLogTail(logPath);
  const full = `${log}${output}`.includes('No space left');
  const message = `runc checkpoint ended with ${code}: ${output.trim().slice(-500)}`;
  return new GritError(full ? 'GRIT_NODE_STORAGE_FULL' : 'GRIT_DUMP_FAILED', message, {
    ...(full ? {} : { hint: 'The cause has the last lines of the dump log; `release` with resume lets it go on.' }),
    cause: log === '' ? undefined : new Error(log),
  });
}

function reporter(
  { onProgress }: CheckpointOptions,
  measure: () => Promise<number> | number,
): NodeJS.Timeout | undefined {
  if (onProgress === undefined) return undefined;
  let last = 0;
  return setInterval(() => {
    void (async () => {
      const doneBytes = await measure();
      if (doneBytes <= last) return;
      last = doneBytes;
      onProgress({ phase: 'dump', doneBytes });
    })().catch(() => undefined);
  }, PROGRESS_MS);
}

async function sizeOfPages(images: string): Promise<number> {
  const names = (await readdir(images)).filter((name) => name.startsWith('pages-'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(images, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
