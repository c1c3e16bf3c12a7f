// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runToFile } from './process/run-to-file.js';

/** CRIU of the PATH, for processes of the host. */
export class CriuProgram {
  private constructor(
    readonly version: string,
    readonly directory: string,
  ) {}

  /** Finds it and lets it check this machine. Resolves with the reason where it cannot work. */
  static async find(directory: string, signal: AbortSignal): Promise<CriuProgram | { reason: string }> {
    const told = await runToFile(['criu', '--version'], join(directory, 'criu-version'), signal);
    const version = /Version: (\S+)/.exec(told.output)?.[1];
    if (told.code !== 0 || version === undefined) return { reason: `no CRIU that runs: ${told.output.trim()}` };
    const checked = await runToFile(['criu', 'check'], join(directory, 'criu-check'), signal);
    if (checked.code !== 0) return { reason: `criu check of CRIU ${version}: ${lastErrors(checked.output)}` };
    // CRIU loads all plugins of the directory that it is told; its own CUDA plugin must never act here.
    await mkdir(join(directory, 'no-plugins'), { recursive: true });
    return new CriuProgram(version, directory);
  }

  /** Dumps a process and all below it, and kills them. @throws Error with CRIU's own errors */
  async dump(pid: number, images: string, signal: AbortSignal): Promise<void> {
    await mkdir(images, { recursive: true });
    await this.#run('dump', ['--tree', String(pid), '--ghost-limit', '512M'], images, signal);
  }

  /** Restores it under its old pids; it goes on as nobody's child. @throws Error with CRIU's own errors */
  async restore(images: string, signal: AbortSignal): Promise<void> {
    await this.#run('restore', ['--restore-detached'], images, signal);
  }

  async #run(action: 'dump' | 'restore', args: readonly string[], images: string, signal: AbortSignal): Promise<void> {
    const log = `${action}.log`;
    const same = ['--images-dir', images, '--log-file', log, '-v4', '--timeout', '600', '--link-remap', '--file-locks'];
    const command = ['criu', action, ...same, '--ext-unix-sk', '--libdir', join(this.directory, 'no-plugins'), ...args];
    const { code, output } = await runToFile(command, join(images, `${action}.out`), signal);
    if (code === 0) return;
    const written = await readFile(join(images, log), 'utf8').catch(() => '');
    throw new Error(`criu ${action} ended with ${code}: ${lastErrors(`${written}\n${output}`)}`);
  }
}

function lastErrors(log: string): string {
  const lines = log.trim().split('\n');
  const errors = lines.filter((line) => /Error|Unable|failed/i.test(line));
  return (errors.length > 0 ? errors : lines).slice(-4).join(' | ');
}
