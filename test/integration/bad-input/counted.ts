// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationStatus, WorkloadRef } from '@grit/plugin-api';
import { CounterLog } from '../machine/counter-log.js';
import type { Machine } from '../machine/machine.js';

const COUNTER = join(import.meta.dirname, '..', 'machine', 'counter.py');
export const never = new AbortController().signal;
export const apiVersion = 'grit.dev/v1' as const;

/** A workload that writes counted lines, and what a test asks of it and its store. */
export class Counted {
  readonly workload: WorkloadRef;
  readonly log: CounterLog;

  private constructor(
    readonly machine: Machine,
    name: string,
  ) {
    this.workload = { kind: 'container', name };
    this.log = new CounterLog(join(machine.directory, 'out', name));
  }

  static async start(machine: Machine, name: string): Promise<Counted> {
    const counted = new Counted(machine, name);
    // A directory of its own: a mount beside it in the test must not get into the container.
    const out = join(machine.directory, 'out');
    await mkdir(out, { recursive: true });
    const started = await machine.operate({
      apiVersion,
      kind: 'run',
      spec: {
        name,
        command: ['/usr/bin/python3', COUNTER, join('/out', name), '0.005'],
        mounts: [{ source: out, destination: '/out' }],
      },
    });
    assert.equal(started.outcome, 'Started', JSON.stringify(started.error));
    return counted;
  }

  async checkpoint(afterCheckpoint: 'resume' | 'stop' | 'hold' = 'resume'): Promise<OperationStatus> {
    const { workload } = this;
    return this.machine.operate({ apiVersion, kind: 'checkpoint', workload, afterCheckpoint });
  }

  /** The checkpoint failed with the code, the workload goes on, and nobody can read anything of the image. */
  async undone(status: OperationStatus, code: string): Promise<void> {
    failed(status, code, 'Resumed');
    const { phase, error } = await this.machine.client.getCheckpoint(status.checkpoint ?? '', never);
    assert.equal(phase, 'Failed');
    assert.equal(error?.code, code);
    await this.runs();
  }

  async runs(): Promise<void> {
    const record = await this.machine.client.getWorkload(this.workload.name, never);
    assert.equal(record.state, 'running');
    assert.equal(record.hold, undefined);
    assert.equal(record.busy, undefined);
    await this.log.untilGrown();
  }

  get store(): string {
    return join(this.machine.directory, 'store');
  }

  /** Whether anything of the checkpoint's image is in the store, committed or not. */
  async isStored({ checkpoint = '' }: OperationStatus): Promise<boolean> {
    const found = await Promise.all(['images', 'writing'].map((name) => readdir(join(this.store, name))));
    return found.flat().some((entry) => entry.startsWith(checkpoint));
  }
}

/** The operation ended Failed with the code and the outcome. */
export function failed(status: OperationStatus, code: string, outcome: OperationStatus['outcome']): void {
  const seen = { phase: status.phase, code: status.error?.code, outcome: status.outcome };
  assert.deepEqual(seen, { phase: 'Failed', code, outcome }, JSON.stringify(status.error));
}

/** The part that an error names, in its message too. */
export function partOf({ error }: OperationStatus): string {
  const part = error?.details?.part;
  assert.ok(typeof part === 'string', JSON.stringify(error));
  assert.ok(error?.message.includes(part === 'manifest.json' ? 'manifest' : part), error?.message);
  return part;
}
