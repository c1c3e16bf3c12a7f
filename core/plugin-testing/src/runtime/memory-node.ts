// SPDX-License-Identifier: Apache-2.0
import type { HeldCheckpoint, Hold, PartSource, RestoredWorkload, WorkloadSpec } from '@grit/plugin-api';

/** A dump that the node remembers, as a real driver does on disk. */
export interface MemoryHold {
  readonly hold: Hold;
  /** Missing while the dump is under way. */
  sealed?: { readonly held: HeldCheckpoint; readonly parts: readonly PartSource[] } | undefined;
}

/** A simulated process: it counts beats, about one a millisecond, while it is neither frozen nor ended. */
export class MemoryProcess {
  readonly startedAt = Date.now();
  finishedAt: number | undefined;
  exitCode: number | undefined;
  #beats: number;
  #runningSince: number | undefined = performance.now();

  constructor(
    readonly spec: WorkloadSpec,
    readonly pid: number,
    readonly restoredFrom: string | undefined,
    beats: number,
  ) {
    this.#beats = beats;
  }

  get beats(): number {
    return this.#beats + (this.#runningSince === undefined ? 0 : Math.floor(performance.now() - this.#runningSince));
  }

  get frozen(): boolean {
    return this.#runningSince === undefined && this.exitCode === undefined;
  }

  freeze(): void {
    this.#beats = this.beats;
    this.#runningSince = undefined;
  }

  thaw(): void {
    if (this.exitCode === undefined) this.#runningSince ??= performance.now();
  }

  end(exitCode: number): void {
    if (this.exitCode !== undefined) return;
    this.freeze();
    this.exitCode = exitCode;
    this.finishedAt = Date.now();
  }
}

/** The kernel and disk of a simulated node. It outlives the driver, as a machine outlives an agent. */
export class MemoryNode {
  readonly processes = new Map<string, MemoryProcess>();
  readonly holds = new Map<string, MemoryHold>();
  readonly prepared = new Map<string, string>();
  readonly restored = new Map<string, RestoredWorkload>();
  #lastPid = 1000;

  nextPid(): number {
    this.#lastPid += 1;
    return this.#lastPid;
  }

  /** How far a workload has come; 0 for one that is not there. Grows while it runs. */
  beats(name: string): number {
    return this.processes.get(name)?.beats ?? 0;
  }

  /** Lets the workload end by itself. */
  exit(name: string, exitCode: number): void {
    this.processes.get(name)?.end(exitCode);
  }
}
