// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { OperationStatus } from '@grit/plugin-api';

const run = promisify(execFile);
const GRIT = join(import.meta.dirname, '..', '..', 'core', 'cli', 'bin', 'grit');
const JOB = join(import.meta.dirname, 'job.py');

/** A job in a container of ours, on a platform of its own. */
export class GritJob {
  #images = 0;

  private constructor(
    readonly directory: string,
    readonly container: { readonly id: string; readonly root: string },
  ) {}

  /** A job with so much memory that does not compress. */
  static async start(mebibytes: number): Promise<GritJob> {
    return GritJob.run(['/usr/bin/python3', JOB, String(mebibytes)], 'ready');
  }

  /** Any command; it is ready when its output has the text. */
  static async run(command: readonly string[], ready: string): Promise<GritJob> {
    const directory = await mkdtemp('/var/tmp/grit-bench-');
    await grit(directory, 'run', '--name', 'job', '--', ...command);
    while (!(await grit(directory, 'logs', 'job')).stdout.includes(ready)) await delay(50);
    return new GritJob(directory, await findContainer(directory));
  }

  /** `grit checkpoint`, as a user types it: from the start of the command to its end. Milliseconds. */
  async checkpoint(): Promise<number> {
    const started = performance.now();
    await grit(this.directory, 'checkpoint', 'job');
    return performance.now() - started;
  }

  /** The same, by its phases in milliseconds; the checkpoint is deleted, so that the next one finds nothing of it in the store. */
  async phasesOfFirst(): Promise<ReadonlyMap<string, number>> {
    const { stdout } = await grit(this.directory, 'checkpoint', 'job', '-o', 'json');
    const { checkpoint, timings } = JSON.parse(stdout) as Pick<OperationStatus, 'checkpoint' | 'timings'>;
    await grit(this.directory, 'delete', 'checkpoint', checkpoint ?? '');
    return new Map(timings.map(({ phase, ms }) => [phase, ms]));
  }

  /** `runc checkpoint` of the same container, into the same file system. Milliseconds. */
  async runcCheckpoint(): Promise<number> {
    const work = join(this.directory, `runc-${(this.#images += 1)}`);
    const started = performance.now();
    await this.runcDump(work);
    const ms = performance.now() - started;
    await rm(work, { recursive: true });
    return ms;
  }

  /** `runc checkpoint` into `image` below a directory, with more of its options. */
  async runcDump(work: string, ...options: readonly string[]): Promise<void> {
    const paths = ['--image-path', join(work, 'image'), '--work-path', join(work, 'work')];
    const args = ['--root', this.container.root, 'checkpoint', '--leave-running', ...paths, ...options];
    await run('runc', [...args, this.container.id]);
  }

  async stop(): Promise<void> {
    await grit(this.directory, 'stop', 'job', '--grace', '0s');
    await grit(this.directory, 'delete', 'workload', 'job');
    await grit(this.directory, 'stop');
    await rm(this.directory, { recursive: true, force: true });
  }
}

function grit(directory: string, ...args: string[]): Promise<{ readonly stdout: string }> {
  return run(GRIT, args, { env: { ...process.env, GRIT_STATE_DIR: join(directory, 's') } });
}

/** runc's own record of the container tells its id and where runc keeps it. */
async function findContainer(directory: string): Promise<{ readonly id: string; readonly root: string }> {
  const entries = await readdir(join(directory, 's', 'nodes'), { recursive: true, withFileTypes: true });
  const state = entries.find(({ name }) => name === 'state.json');
  if (state === undefined) throw new Error('runc has no container below the state directory');
  return { id: basename(state.parentPath), root: dirname(state.parentPath) };
}
