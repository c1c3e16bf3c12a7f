// SPDX-License-Identifier: Apache-2.0
import { readdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GritError } from '@grit/plugin-api';
import { readTextIfThere } from '../files/sealed-json.js';
import { sendSignal } from '../process/process-facts.js';
import { waitUntil } from '../process/wait-until.js';

const ROOT = '/sys/fs/cgroup';
const FREEZE_LIMIT_MS = 10_000;
const KILL_LIMIT_MS = 20_000;

/** Version of the control groups that freezing works with on this machine. */
export async function cgroupVersion(): Promise<'v1' | 'v2'> {
  return (await readTextIfThere(join(ROOT, 'cgroup.controllers'))) === undefined ? 'v1' : 'v2';
}

/**
 * The control group of one container. The kernel's files are written directly: `runc pause` costs a process and
 * changes nothing else.
 */
export class ContainerCgroup {
  private constructor(
    /** Absolute, below the root of each hierarchy. */
    readonly path: string,
    private readonly version: 'v1' | 'v2',
  ) {}

  /** @param path - as in the bundle: absolute, below the root of each hierarchy */
  static async open(path: string): Promise<ContainerCgroup> {
    return new ContainerCgroup(path, await cgroupVersion());
  }

  /** The group that this one is in: all containers of a pod are in the same. */
  get parent(): ContainerCgroup {
    return new ContainerCgroup(dirname(this.path), this.version);
  }

  get #directory(): string {
    return this.version === 'v1' ? join(ROOT, 'freezer', this.path) : join(ROOT, this.path);
  }

  /** Returns when no process of the group runs. */
  async freeze(signal: AbortSignal): Promise<void> {
    const frozen = async (): Promise<true | undefined> => {
      if (this.version === 'v1') await this.#write('freezer.state', 'FROZEN');
      return (await this.isFrozen()) ? true : undefined;
    };
    if (this.version === 'v2') await this.#write('cgroup.freeze', '1');
    if ((await waitUntil(frozen, { limitMs: FREEZE_LIMIT_MS, intervalMs: 1, signal })) === true) return;
    throw new GritError('GRIT_DUMP_FAILED', `the processes could not be frozen within ${FREEZE_LIMIT_MS} ms`, {
      hint: 'A process hangs in the kernel (state D), often on a dead network file system.',
    });
  }

  /** Lets it run; a group that is gone is no error. */
  async thaw(): Promise<void> {
    try {
      if (this.version === 'v1') await this.#write('freezer.state', 'THAWED');
      else await this.#write('cgroup.freeze', '0');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENODEV') throw error;
    }
  }

  /** Waits for a freeze that was begun, by whomever; false where there is none. */
  async settleFreeze(signal: AbortSignal): Promise<boolean> {
    const [file, running] = this.version === 'v1' ? ['freezer.state', 'THAWED'] : ['cgroup.freeze', '0'];
    const state = (await readTextIfThere(join(this.#directory, file)))?.trim() ?? running;
    if (state === running) return false;
    await this.freeze(signal);
    return true;
  }

  async isFrozen(): Promise<boolean> {
    if (this.version === 'v1') {
      return (await readTextIfThere(join(this.#directory, 'freezer.state')))?.trim() === 'FROZEN';
    }
    return (await readTextIfThere(join(this.#directory, 'cgroup.events')))?.includes('frozen 1') === true;
  }

  /** Host pids of all processes, ascending; empty when the group is gone. */
  async pids(): Promise<readonly number[]> {
    const text = await readTextIfThere(join(this.#directory, 'cgroup.procs'));
    const pids = (text ?? '').split('\n').filter((line) => line !== '');
    return pids.map(Number).sort((a, b) => a - b);
  }

  /** Kills everything, frozen or not, and returns when nothing is left. A frozen process runs no instruction more. */
  async kill(): Promise<void> {
    const empty = async (): Promise<true | undefined> => {
      const pids = await this.pids();
      if (pids.length === 0) return true;
      for (const pid of pids) sendSignal(pid, 'SIGKILL');
      await this.thaw();
      return undefined;
    };
    if ((await waitUntil(empty, { limitMs: KILL_LIMIT_MS })) === true) return;
    throw new GritError('GRIT_TIMEOUT', `processes of ${this.path} did not end within ${KILL_LIMIT_MS} ms`, {
      details: { pids: [...(await this.pids())] },
    });
  }

  /** Removes the empty group from every hierarchy, where runc did not get to it. */
  async remove(): Promise<void> {
    const hierarchies = this.version === 'v1' ? (await readdir(ROOT)).map((name) => join(ROOT, name)) : [ROOT];
    await Promise.all(hierarchies.map((root) => rmdir(join(root, this.path)).catch(() => undefined)));
  }

  async #write(file: string, value: string): Promise<void> {
    await writeFile(join(this.#directory, file), value, { flag: 'r+' });
  }
}
