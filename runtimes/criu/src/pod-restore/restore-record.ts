// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeviceMap, PreparedRestore, Timing } from '@grit/plugin-api';
import type { PodRecord } from '../pod/pod-image.js';
import type { PodIdentity } from '../pod/pod-of.js';
import type { MemoryLimit } from '../devices/raise-limits.js';
import { readSealedJson, writeSealedJson } from '../files/sealed-json.js';
import type { Shim } from './caller.js';

/** A container that CRIU makes or has made, frozen at its first instruction. */
export interface RestoringContainer {
  readonly id: string;
  readonly bundle: string;
  /** The wrapper, which became runc. */
  readonly pid: number;
  readonly startTime: string;
}

/** One try to bring all containers of a pod back. */
export interface Attempt {
  /** Names of the volumes that have the content of the image. */
  readonly volumes: readonly string[];
  /** The sandbox whose /dev/shm has it. */
  readonly memory?: string | undefined;
  readonly shim?: Shim | undefined;
  /** The network namespace whose loopback is locked. */
  readonly locked?: string | undefined;
  /** Of the new pod; missing where it has the node's. */
  readonly hostname?: string | undefined;
  /** Which devices the processes of a container will have, by its name; those that use any. */
  readonly devices?: Readonly<Record<string, DeviceMap>> | undefined;
  /** Memory limits of the pod that are raised until its devices have their state back. */
  readonly raised?: readonly MemoryLimit[] | undefined;
  /** Those of containers as their pod wants them, by name, where they begin with more. */
  readonly memoryLimits?: Readonly<Record<string, number>> | undefined;
  /** By name. */
  readonly containers: Readonly<Record<string, RestoringContainer>>;
  /** Why it came to nothing: the next try begins anew. */
  readonly failed?: string | undefined;
  /** Set before the first container may run: from here there is no way back. */
  readonly thawing?: boolean | undefined;
}

/** A restore that is prepared. */
export interface PreparedPod {
  readonly prepared: PreparedRestore;
  readonly checkpoint: string;
  readonly record: PodRecord;
}

/**
 * What is known of a pod that has our annotation. `closed`: it waits; `fresh`: it may start from the beginning; `refused`: it may not start;
 * `restored`: it runs, and nothing of it is ever started from the beginning.
 */
export interface RestoreRecord {
  readonly pod: PodIdentity;
  readonly gate: 'closed' | 'fresh' | 'refused' | 'restored';
  /** Milliseconds since the epoch: when it last asked. */
  readonly seen: number;
  readonly message?: string | undefined;
  readonly restore?: PreparedPod | undefined;
  readonly attempt?: Attempt | undefined;
  readonly restored?: RestoredProcesses | undefined;
}

/** The first processes at the moment when the pod went on. */
interface RestoredProcesses {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly processes: readonly { readonly container: string; readonly pid: number; readonly startTime: string }[];
  /** How long their devices took. */
  readonly timings?: readonly Timing[] | undefined;
}

/** The records of this node, one directory for each pod. */
export class RestoreRecords {
  readonly #writes = new Map<string, Promise<unknown>>();
  /** Pods whose gate is closed: asked for every second, and few, while records of pods that run are kept. */
  readonly #closed = new Set<string>();

  constructor(private readonly directory: string) {}

  /** Returns all that there are. */
  async open(): Promise<readonly RestoreRecord[]> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const records = await this.list();
    records.forEach((record) => this.#note(record));
    return records;
  }

  /** Files of one pod. */
  directoryOf(uid: string): string {
    return join(this.directory, uid);
  }

  /** CRIU's files for one container. */
  workOf(uid: string, id: string): string {
    return join(this.directory, uid, id);
  }

  async read(uid: string): Promise<RestoreRecord | undefined> {
    return readSealedJson<RestoreRecord>(join(this.directoryOf(uid), 'restore.json'));
  }

  /**
   * Changes a record, after all changes before. What the function returns is on the disk when this resolves; the same object or undefined
   * means that nothing changes, an error too.
   */
  async update<T extends RestoreRecord | undefined>(
    uid: string,
    change: (record: RestoreRecord | undefined) => T,
  ): Promise<T> {
    const before = this.#writes.get(uid) ?? Promise.resolve();
    const work = before.then(async () => {
      const old = await this.read(uid);
      const record = change(old);
      if (record === undefined || record === old) return record;
      await mkdir(this.directoryOf(uid), { recursive: true, mode: 0o700 });
      await writeSealedJson(join(this.directoryOf(uid), 'restore.json'), record);
      this.#note(record);
      return record;
    });
    const settled = work.catch(() => undefined);
    this.#writes.set(uid, settled);
    void settled.then(() => {
      if (this.#writes.get(uid) === settled) this.#writes.delete(uid);
    });
    return work;
  }

  /** When the record of the pod was last changed; 0 when there is none. Milliseconds since the epoch. */
  async writtenAt(uid: string): Promise<number> {
    return stat(join(this.directoryOf(uid), 'restore.json')).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
  }

  async list(): Promise<readonly RestoreRecord[]> {
    return this.#readAll(await readdir(this.directory));
  }

  /** Those of pods that may not start yet. */
  async closed(): Promise<readonly RestoreRecord[]> {
    return this.#readAll([...this.#closed]);
  }

  /** Removes all files of a pod but the record. */
  async clearWork(uid: string): Promise<void> {
    for (const name of await readdir(this.directoryOf(uid)).catch(() => [])) {
      if (name !== 'restore.json') await rm(join(this.directoryOf(uid), name), { recursive: true, force: true });
    }
  }

  async remove(uid: string): Promise<void> {
    await this.#writes.get(uid);
    await rm(this.directoryOf(uid), { recursive: true, force: true });
    this.#closed.delete(uid);
  }

  async #readAll(uids: readonly string[]): Promise<readonly RestoreRecord[]> {
    const records = await Promise.all(uids.map(async (uid) => this.read(uid)));
    return records.filter((record) => record !== undefined);
  }

  #note({ pod, gate }: RestoreRecord): void {
    if (gate === 'closed') this.#closed.add(pod.uid);
    else this.#closed.delete(pod.uid);
  }
}
