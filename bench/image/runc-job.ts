// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { shell } from './timed-run.js';

const JOB = join(import.meta.dirname, 'job.py');

/** Which of the jobs, how large, and after how many steps it only waits. */
export interface JobShape {
  readonly kind: 'full' | 'lora' | 'serve';
  readonly layers: number;
  readonly steps?: number | undefined;
}

/** A PyTorch job in a container of plain runc, whose root is this machine's own. */
export class RuncJob {
  readonly #id: string;

  private constructor(readonly work: string) {
    this.#id = `grit-bench-${process.pid}`;
  }

  static async start(work: string, { kind, layers, steps }: JobShape): Promise<RuncJob> {
    const job = new RuncJob(work);
    const rootfs = join(work, 'rootfs');
    await mkdir(rootfs, { recursive: true });
    await shell(`mount --bind / ${rootfs}`);
    const command = ['/usr/bin/python3', JOB, kind, String(layers), job.#counter, ...(steps ? [String(steps)] : [])];
    await writeFile(join(work, 'config.json'), JSON.stringify(specOf(command)));
    await shell(`${job.#runc} run --detach --bundle ${work} ${job.#id} < /dev/null > /dev/null 2>&1`);
    return job;
  }

  /** Waits until it has done so many steps. */
  async reached(steps: number): Promise<void> {
    for (;;) {
      const done = Number(await readFile(this.#counter, 'utf8').catch(() => '0'));
      if (done >= steps) return;
      await shell(`${this.#runc} state ${this.#id} | grep -q running`);
      await delay(50);
    }
  }

  /** Dumps into image files. */
  async dump(directory: string, { leaveRunning }: { readonly leaveRunning: boolean }): Promise<void> {
    const flags = leaveRunning ? '--leave-running' : '';
    const paths = `--image-path ${directory} --work-path ${this.work}/criu`;
    await shell(`mkdir -p ${directory} && ${this.#runc} checkpoint ${flags} ${paths} ${this.#id}`);
  }

  /** The command that brings it back from image files and ends when it runs. */
  restoreCommand(directory: string): string {
    const paths = `--image-path ${directory} --work-path ${this.work}/criu --bundle ${this.work}`;
    return `${this.#runc} restore --detach ${paths} ${this.#id} < /dev/null > /dev/null 2>&1`;
  }

  async kill(): Promise<void> {
    await shell(`${this.#runc} delete --force ${this.#id}`);
  }

  async remove(): Promise<void> {
    await this.kill().catch(() => undefined);
    await shell(`umount ${join(this.work, 'rootfs')}`);
  }

  get #counter(): string {
    return join(this.work, 'steps');
  }

  get #runc(): string {
    return `runc --root ${this.work}/runc`;
  }
}

function specOf(args: readonly string[]): object {
  const capabilities = ['CAP_DAC_OVERRIDE'];
  return {
    ociVersion: '1.0.2',
    root: { path: 'rootfs' },
    process: {
      args,
      cwd: '/',
      user: { uid: 0, gid: 0 },
      env: ['PATH=/usr/bin:/bin', 'LC_ALL=C'],
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    linux: { namespaces: [{ type: 'pid' }, { type: 'mount' }, { type: 'ipc' }] },
  };
}
