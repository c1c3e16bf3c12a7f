// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { simChecksum, type SimGpu } from '../../fixtures/simgpu/index.js';
import { until } from '../machine/until.js';

const SEED = 42;

interface Step {
  readonly step: number;
  readonly checksum: string;
  readonly uuid: string;
}

interface CountingPlace {
  /** What the process is told as its node's directory. */
  readonly where?: string;
  /** A command that starts it. */
  readonly inside?: readonly string[];
}

/** A running simgpu-count, whose every line is checked. */
export class Counting {
  private constructor(
    readonly pid: number,
    readonly output: string,
    /** Settles when the process that was started has ended. */
    readonly ended: Promise<unknown>,
  ) {}

  static async start(
    gpu: SimGpu,
    output: string,
    words: readonly string[] = [],
    { where = gpu.directory, inside = [] }: CountingPlace = {},
  ): Promise<Counting> {
    const file = await open(output, 'w');
    const settings = ['--mib', '1', '--seed', String(SEED), '--interval-ms', '5'];
    const [command, ...rest] = [...inside, gpu.files.count, ...settings, ...words];
    const child = spawn(command!, rest, {
      env: { PATH: process.env['PATH'], ...gpu.environment, SIMGPU_DIR: where },
      detached: true,
      cwd: '/',
      stdio: ['ignore', file.fd, file.fd],
    });
    const ended = once(child, 'exit');
    await file.close();
    return new Counting(child.pid!, output, ended);
  }

  /** The same workload, where another process than the one that was started is the one that counts. */
  as(pid: number): Counting {
    return new Counting(pid, this.output, this.ended);
  }

  async text(): Promise<string> {
    return await readFile(this.output, 'utf8');
  }

  /** All whole lines so far. Throws when one is left out, comes twice, or has another checksum than it must have. */
  async steps(): Promise<readonly Step[]> {
    const lines = (await this.text()).split('\n').slice(0, -1);
    const steps = lines.filter((line) => line !== 'ready' && line !== 'waiting').map(parseStep);
    for (const [index, { step }] of steps.entries()) assert.equal(step, index + 1);
    for (const { step, checksum } of [...steps.slice(0, 2), ...steps.slice(-2)])
      assert.equal(checksum, simChecksum(SEED, 1, step), `step ${step}`);
    return steps;
  }

  async reaches(step: number): Promise<readonly Step[]> {
    return await until(`step ${step}`, async () => {
      const steps = await this.steps();
      return steps.length >= step && steps;
    });
  }

  /** Waits until it has counted on from where it is now. */
  async goesOn(): Promise<readonly Step[]> {
    return await this.reaches((await this.steps()).length + 3);
  }

  /** Waits until its memory is filled. */
  async ready(): Promise<this> {
    await until('the workload is ready', async () => (await this.text()).includes('ready\n'));
    return this;
  }

  /** Open files and mappings whose path starts so. @param pid - also of a child */
  async devices(start: string, pid = this.pid): Promise<readonly string[]> {
    const folder = `/proc/${pid}/fd`;
    const links = (await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => ''));
    const maps = (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n').map((line) => line.split(/ +/)[5] ?? '');
    return [...(await Promise.all(links)), ...maps].filter((path) => path.startsWith(start));
  }

  kill(): void {
    try {
      process.kill(this.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}

function parseStep(line: string): Step {
  const match = /^step (\d+) checksum ([0-9a-f]{8}) uuid (GPU-[0-9a-f-]{36})$/.exec(line);
  assert.ok(match, `not a step: ${line}`);
  return { step: Number(match[1]), checksum: match[2]!, uuid: match[3]! };
}
