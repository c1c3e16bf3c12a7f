// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { readSealedJson, removeSealed, writeSealedJson } from '../files/sealed-json.js';
import { isAlive } from '../process/process-facts.js';
import type { HoldRecord } from '../workload/hold-record.js';

/** A container that is held. */
export interface HeldContainer {
  readonly name: string;
  /** Path of its control group. */
  readonly cgroup: string;
  /** Its first process. */
  readonly pid: number;
  readonly startTime: string;
  /** It is not dumped: it stands still with the others until they are. */
  readonly leftOut?: boolean | undefined;
}

/** A hold of a pod on disk; written before anything of it is frozen. */
export interface PodHold extends HoldRecord {
  readonly containers: readonly HeldContainer[];
  /** Processes that are to stop as soon as somebody thaws them; see quell. */
  readonly quelled?: readonly number[] | undefined;
}

/** The holds of the pods of this node, one directory for each. */
export class PodHolds {
  /** @param directory - absolute path, nobody else's */
  constructor(private readonly directory: string) {}

  /** For what belongs to the hold: goes with it. */
  directoryOf(uid: string): string {
    return join(this.directory, uid);
  }

  async read(uid: string): Promise<PodHold | undefined> {
    return readSealedJson<PodHold>(this.#path(uid));
  }

  async write(uid: string, hold: PodHold): Promise<void> {
    await mkdir(this.directoryOf(uid), { recursive: true, mode: 0o700 });
    await writeSealedJson(this.#path(uid), hold);
  }

  async remove(uid: string): Promise<void> {
    await mkdir(this.directoryOf(uid), { recursive: true, mode: 0o700 });
    await removeSealed(this.#path(uid));
    await rm(this.directoryOf(uid), { recursive: true, force: true });
  }

  /** All of them; those of pods that are gone are dropped. */
  async list(): Promise<readonly PodHold[]> {
    const uids = await readdir(this.directory).catch(() => []);
    const found = await Promise.all(
      uids.map(async (uid) => {
        const hold = await this.read(uid);
        if (hold === undefined || (await isPodAlive(hold))) return hold;
        await this.remove(uid);
        return undefined;
      }),
    );
    return found.filter((hold) => hold !== undefined);
  }

  #path(uid: string): string {
    return join(this.directoryOf(uid), 'hold.json');
  }
}

/** True while something of the pod is there that is held. A container that ended while it was held does not change that. */
export async function isPodAlive({ containers, sealed }: PodHold): Promise<boolean> {
  const held = containers.filter(({ leftOut }) => sealed === undefined || leftOut !== true);
  const alive = await Promise.all(held.map(async ({ pid, startTime }) => isAlive(pid, startTime)));
  return alive.includes(true);
}

/** Those that are dumped. */
export function dumpedOf({ containers }: Pick<PodHold, 'containers'>): readonly HeldContainer[] {
  return containers.filter(({ leftOut }) => leftOut !== true);
}

/** The containers' groups. */
export async function cgroupsOf(containers: readonly HeldContainer[]): Promise<readonly ContainerCgroup[]> {
  return Promise.all(containers.map(async ({ cgroup }) => ContainerCgroup.open(cgroup)));
}
