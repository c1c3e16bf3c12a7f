// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { simChecksum, type SimGpu } from '../../../../test/fixtures/simgpu/index.js';
import { eventually } from './eventually.js';

const SEED = 7;

/** A process that counts in the memory of a simulated GPU; every line that it prints is checked. */
export class GpuWorkload {
  #steps = 0;
  /** UUID of the GPU that it is on, as it sees it. */
  gpu = '';
  #wrong: string | undefined;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
      const [, step, checksum, gpu] = /^step (\d+) checksum (\w+) uuid (\S+)$/.exec(line) ?? [];
      if (line === 'ready') return;
      this.#steps++;
      this.gpu = gpu ?? '';
      if (Number(step) !== this.#steps || checksum !== simChecksum(SEED, 1, this.#steps)) this.#wrong ??= line;
    });
  }

  /** @param words - options of simgpu-count */
  static async start(sim: SimGpu, words: readonly string[] = []): Promise<GpuWorkload> {
    const child = spawn(sim.files.count, ['--mib', '1', '--seed', String(SEED), '--interval-ms', '5', ...words], {
      env: { ...process.env, ...sim.environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const workload = new GpuWorkload(child);
    await workload.goesOn();
    return workload;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits until it has done more, with the right contents. */
  async goesOn(): Promise<void> {
    const before = this.#steps;
    await eventually('the workload counts', () => this.#steps >= before + 3 || this.#wrong !== undefined);
    assert.equal(this.#wrong, undefined);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
