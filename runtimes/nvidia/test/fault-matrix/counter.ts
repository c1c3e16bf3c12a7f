// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { simChecksum, type SimGpu } from '../../../../test/fixtures/simgpu/index.js';
import { eventually, isGone } from '../cuda/eventually.js';

const MIB = 1;
/** Computed once for each step: all counters have the same contents. */
const checksums = new Map<number, string>();

function checksumOf(step: number): string {
  const known = checksums.get(step) ?? simChecksum(7, MIB, step);
  checksums.set(step, known);
  return known;
}

/** A simgpu-count that sees one GPU or more. Its steps are checked as they come, its contents when it is looked at. */
export class Counter {
  /** UUID of the GPU that it counts on. */
  gpu = '';
  #step = 0;
  #checksum = '';
  #wrong: string | undefined;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
      if (line === 'ready') return;
      const [, step, checksum = '', gpu = ''] = /^step (\d+) checksum (\w+) uuid (\S+)$/.exec(line) ?? [];
      // No step is left out, none is made twice.
      if (Number(step) !== this.#step + 1) this.#wrong ??= `${line} after step ${this.#step}`;
      this.#step++;
      this.#checksum = checksum;
      this.gpu = gpu;
    });
  }

  /** @param gpus - UUIDs that it sees @param words - options of simgpu-count */
  static async start(sim: SimGpu, gpus: readonly string[], words: readonly string[] = []): Promise<Counter> {
    const options = ['--mib', String(MIB), '--seed', '7', '--interval-ms', '40', ...words];
    const child = spawn(sim.files.count, options, {
      env: { ...process.env, ...sim.environment, NVIDIA_VISIBLE_DEVICES: gpus.join(',') },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const counter = new Counter(child);
    await eventually('it counts', () => counter.#step > 0 || counter.#ended);
    return counter;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Waits until it has made more steps. Throws when one was lost or made twice, or the contents are not those of the step. */
  async goesOn(): Promise<void> {
    const before = this.#step;
    // The first line may have been on its way.
    await eventually(`pid ${this.pid} counts on`, () => this.#step >= before + 2 || this.#ended);
    assert.equal(this.#wrong, undefined, `pid ${this.pid}`);
    assert.ok(!this.#ended, `pid ${this.pid} has ended`);
    assert.equal(this.#checksum, checksumOf(this.#step), `pid ${this.pid} at step ${this.#step}`);
  }

  /** Waits for its end, which something else has caused. */
  async isGone(): Promise<void> {
    await eventually(`pid ${this.pid} ends`, async () => isGone(this.pid));
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }

  get #ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
