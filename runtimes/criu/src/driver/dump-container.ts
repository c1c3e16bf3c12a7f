// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, type CheckpointOptions } from '@grit/plugin-api';
import { criuLogTail } from '../criu/criu-log.js';
import { writeCriuOptions } from '../criu/criu-options.js';
import type { NodeEnvironment } from '../node-environment.js';
import { runProgram } from '../process/run-program.js';
import type { WorkloadDirectory } from '../workload/workload-directory.js';
import type { WorkloadRecord } from '../workload/workload-record.js';

const PROGRESS_MS = 300;

/** Where and how a container is dumped. */
interface DumpRequest {
  /** The sink's; `criu` and `work` are made below it. */
  readonly directory: string;
  readonly script: string | undefined;
  readonly options: CheckpointOptions;
}

/** Lets CRIU write the state of the frozen container into `criu`. It is frozen again when this returns. */
export async function dumpContainer(
  node: NodeEnvironment,
  workload: WorkloadDirectory,
  record: WorkloadRecord,
  { directory, script, options }: DumpRequest,
  signal: AbortSignal,
): Promise<void> {
  const images = join(directory, 'criu');
  const work = join(directory, 'work');
  await Promise.all([
    mkdir(images, { recursive: true, mode: 0o700 }),
    writeCriuOptions(node, workload, 'dump', options.tcp, script),
  ]);
  const report = reporter(images, options);
  try {
    const args = ['--root', node.runcRoot, 'checkpoint', '--leave-running', '--image-path', images];
    const { code, output } = await runProgram(node.config.runc, [...args, '--work-path', work, record.container], {
      env: node.env,
      signal,
      outputFile: join(work, 'runc.log'),
    });
    if (code !== 0) throw await failure(code, output, join(work, 'dump.log'));
  } finally {
    clearInterval(report);
  }
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

function reporter(images: string, { onProgress }: CheckpointOptions): NodeJS.Timeout | undefined {
  if (onProgress === undefined) return undefined;
  let last = 0;
  return setInterval(() => {
    void (async () => {
      const names = (await readdir(images)).filter((name) => name.startsWith('pages-'));
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(images, name))).size));
      const doneBytes = sizes.reduce((sum, size) => sum + size, 0);
      if (doneBytes <= last) return;
      last = doneBytes;
      onProgress({ phase: 'dump', doneBytes });
    })().catch(() => undefined);
  }, PROGRESS_MS);
}
