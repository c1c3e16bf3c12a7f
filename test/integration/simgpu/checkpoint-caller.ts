// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SimGpu } from '../../fixtures/simgpu/index.js';

const run = promisify(execFile);

/** Makes the checkpoint calls of the CUDA driver from outside, each in a process of its own. */
export class CheckpointCaller {
  readonly #env: Readonly<Record<string, string>>;

  constructor(private readonly gpus: readonly [SimGpu, ...SimGpu[]]) {
    this.#env = { ...gpus[0].environment, SIMGPU_DIR: gpus.map(({ directory }) => directory).join(':') };
  }

  /** The result's number, with `state` and `tid` also what was asked for. */
  async call(name: string, pid: number, more: readonly string[] = [], signal?: AbortSignal): Promise<string> {
    const { stdout } = await run(this.gpus[0].files.checkpoint, [name, String(pid), ...more], {
      env: this.#env,
      signal,
    });
    return stdout.trim();
  }

  /** Several calls after each other. */
  async calls(pid: number, ...names: readonly string[]): Promise<readonly string[]> {
    const results: string[] = [];
    for (const name of names) results.push(await this.call(name, pid));
    return results;
  }
}

/** The map of a restore: each GPU of one node to that at the same place of the other. */
export function mapOf(from: SimGpu, to: SimGpu): string {
  return from.gpus.map(({ uuid }, index) => `${uuid}=${to.uuidOf(index)}`).join(',');
}
