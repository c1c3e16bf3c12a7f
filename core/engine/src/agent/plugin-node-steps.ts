// SPDX-License-Identifier: Apache-2.0
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keyRing, withKeys } from '@grit/image';
import {
  GritError,
  type Json,
  type NodeDump,
  type NodeFacts,
  type NodeImage,
  type NodePrefetch,
  type NodeRestore,
  type NodeStepContext,
  type NodeSteps,
  type NodeStore,
  type ReleaseMode,
  type StartGate,
  type StorageFactory,
  type StorageProvider,
  type Timing,
  type WorkloadRef,
} from '@grit/plugin-api';
import { readSealed } from './sealed-file.js';
import type { NodeServices, StepContext } from './step-context.js';
import { Stopwatch } from './stopwatch.js';
import { writeKept } from './kept-record.js';
import { readStored, type StoredRecord } from './stored-record.js';
import { dump, type SealedDump } from './steps/dump.js';
import { endRestore, prepare, restore } from './steps/restore.js';
import { store, verify } from './steps/store.js';

/** What the steps need of the agent; there when its plugins have started. */
export interface NodeStepServices extends NodeServices {
  readonly factories: ReadonlyMap<string, StorageFactory>;
}

/** The name under which the storage of one step is handed on. */
const GIVEN = 'given';

/** See NodeSteps: the agent's own steps, one by one, for a plugin that has a catalog of its own. */
export class PluginNodeSteps implements NodeSteps {
  constructor(private readonly services: Promise<NodeStepServices>) {
    // Told to whoever calls.
    services.catch(() => undefined);
  }

  async probe(signal: AbortSignal): Promise<NodeFacts> {
    const { driver, dataPlane } = await this.services;
    const probed = await driver.probe(signal);
    return { ...probed, facts: { ...probed.facts, ...dataPlane.facts } };
  }

  async openStore({ plugin, config, path, encryption }: NodeStore, signal: AbortSignal): Promise<StorageProvider> {
    const { factories, node } = await this.services;
    signal.throwIfAborted();
    const factory = [...factories.values()].find(({ id }) => id === plugin);
    if (factory !== undefined) {
      const provider = await factory.open(config, { path });
      return encryption === undefined ? provider : withKeys(provider, keyRing(encryption));
    }
    const known = [...new Set([...factories.values()].map(({ id }) => id))].join(', ');
    throw new GritError('GRIT_STORAGE_UNKNOWN', `the agent of node ${node} has no storage plugin ${plugin}`, {
      hint: `It has ${known === '' ? 'none' : known}. Name the plugin in the configuration of the agents.`,
    });
  }

  async rootOf(workload: WorkloadRef, signal: AbortSignal): Promise<string> {
    const { driver } = await this.services;
    if (driver.rootOf !== undefined) return driver.rootOf(workload, signal);
    throw new GritError('GRIT_UNSUPPORTED', `runtime ${driver.id} does not show the files of its workloads`);
  }

  async gate(signal: AbortSignal): Promise<StartGate> {
    const { driver } = await this.services;
    signal.throwIfAborted();
    if (driver.gate !== undefined) return driver.gate;
    throw new GritError('GRIT_UNSUPPORTED', `runtime ${driver.id} starts its workloads itself`);
  }

  async precopy(order: NodeDump, step: NodeStepContext): Promise<readonly Timing[]> {
    const { directories } = await this.services;
    // After the frozen one a first one is of no use any more.
    if ((await readStored(directories.stored(order.checkpoint))) !== undefined) return [];
    const checkpoint = precopyOf(order.checkpoint);
    try {
      const timings = await this.dump({ ...order, checkpoint }, step);
      await this.release(checkpoint, 'resume', step.signal);
      const image = await this.store(checkpoint, step);
      return [...timings, ...image.timings];
    } catch (error) {
      if (!step.signal.aborted) await this.release(checkpoint, 'resume', step.signal);
      throw error;
    }
  }

  async dump(
    { workload, checkpoint, tcp, containers, known = [] }: NodeDump,
    step: NodeStepContext,
  ): Promise<readonly Timing[]> {
    const context = await this.#context(step);
    const stored = await readStored(context.directories.stored(checkpoint));
    if (stored !== undefined) return stored.dumpTimings;
    const first = precopyOf(checkpoint);
    const before = await readStored(context.directories.stored(first));
    const nearest = before === undefined ? known : [first, ...known];
    const input = { workload, checkpoint, storage: GIVEN, known: nearest, tcp, containers };
    return timingsOf(await dump(input, context));
  }

  async store(checkpoint: string, step: NodeStepContext): Promise<NodeImage> {
    const context = await this.#context(step);
    const path = context.directories.stored(checkpoint);
    const record = (await readStored(path)) ?? (await storeDump(checkpoint, path, context));
    const { digest, size, stored, storeTimings } = record;
    let { verifyTimings } = record;
    if (verifyTimings === undefined) {
      const proven = await this.#verifiedBefore(checkpoint, context);
      const input = { checkpoint, storage: GIVEN, manifestDigest: digest, proven };
      verifyTimings = timingsOf(await verify(input, context));
      await writeKept(path, { ...record, verifyTimings });
    }
    await this.#dropPrecopy(checkpoint, step.storage, step.signal);
    return { digest, size, stored, timings: [...storeTimings, ...verifyTimings] };
  }

  async release(checkpoint: string, mode: ReleaseMode, signal: AbortSignal): Promise<readonly Timing[]> {
    const { driver } = await this.services;
    const hold = (await driver.holds(signal)).find(({ id }) => id === checkpoint);
    if (hold === undefined) return [];
    const watch = new Stopwatch();
    watch.lap(mode, await driver.release(hold, mode, signal));
    return watch.timings;
  }

  async undo(checkpoint: string, storage: StorageProvider | undefined, signal: AbortSignal): Promise<void> {
    const { directories, images } = await this.services;
    await this.release(precopyOf(checkpoint), 'resume', signal);
    await this.release(checkpoint, 'resume', signal);
    await this.#dropPrecopy(checkpoint, storage, signal);
    await rm(directories.dump(checkpoint), { recursive: true, force: true });
    await rm(directories.stored(checkpoint), { force: true });
    // Another node may have taken the first image of a precopy, which nobody knows of here.
    for (const id of [precopyOf(checkpoint), checkpoint]) {
      await images.drop(id);
      await storage?.delete(id, signal);
    }
  }

  async prefetch({ checkpoint, digest }: NodePrefetch, step: NodeStepContext): Promise<readonly Timing[]> {
    const { images } = await this.services;
    const watch = new Stopwatch();
    await images.prefetch({ checkpoint, digest, storage: step.storage }, step);
    watch.lap('fetch');
    return watch.timings;
  }

  async restore(order: NodeRestore, step: NodeStepContext): Promise<readonly Timing[]> {
    const context = await this.#context(step);
    // Written when it had succeeded: the agent may have died before it could say so.
    const record = context.directories.restored(order.restore);
    const done = await readSealed<readonly Timing[]>(record);
    if (done !== undefined) return done;
    const { checkpoint, workload, restore: id, tcp, digest = null } = order;
    const input = { checkpoint, workload, restore: id, tcp };
    const prepared = await prepare({ ...input, storage: GIVEN, manifestDigest: digest }, context);
    const timings = [...timingsOf(prepared), ...timingsOf(await restore(input, context))];
    await writeKept(record, timings);
    return timings;
  }

  async abandon({ restore: id, workload }: Parameters<NodeSteps['abandon']>[0], signal: AbortSignal): Promise<boolean> {
    const services = await this.services;
    const restored = await services.driver.abandonRestore({ restore: id, workload }, signal);
    await endRestore(id, services);
    return restored === undefined;
  }

  /** The first image of a precopy, when it was read back. */
  async #verifiedBefore(checkpoint: string, { directories }: StepContext): Promise<readonly string[]> {
    const first = precopyOf(checkpoint);
    const record = await readStored(directories.stored(first));
    return record?.verifyTimings === undefined ? [] : [first];
  }

  async #dropPrecopy(checkpoint: string, storage: StorageProvider | undefined, signal: AbortSignal): Promise<void> {
    const { directories } = await this.services;
    const first = precopyOf(checkpoint);
    const record = directories.stored(first);
    await rm(directories.dump(first), { recursive: true, force: true });
    if (storage === undefined || (await readStored(record)) === undefined) return;
    await storage.delete(first, signal);
    await rm(record, { force: true });
  }

  /** Workloads of a catalog of its own are not started by this node's launcher. */
  async #context({ storage, signal, onProgress }: NodeStepContext): Promise<StepContext> {
    const services = await this.services;
    return { ...services, launcher: undefined, storages: new Map([[GIVEN, storage]]), signal, onProgress };
  }
}

function precopyOf(checkpoint: string): string {
  return `${checkpoint}-precopy`;
}

/** The record is written before the image is read back, which ends with the removal of the dump. */
async function storeDump(checkpoint: string, path: string, context: StepContext): Promise<StoredRecord> {
  const dumped = await readSealed<SealedDump>(join(context.directories.dump(checkpoint), 'dump.json'));
  const output = await store({ checkpoint, storage: GIVEN, parent: null }, context);
  const { manifestDigest: digest, size, bytes } = output as unknown as StoreOutput;
  const dumpTimings = dumped === undefined ? [] : timingsOf(dumped as unknown as Json);
  const record = { digest, size, stored: bytes.stored, dumpTimings, storeTimings: timingsOf(output) };
  await writeKept(path, record);
  return record;
}

interface StoreOutput {
  readonly manifestDigest: string;
  readonly size: number;
  readonly bytes: { readonly stored: number };
}

function timingsOf(output: Json): readonly Timing[] {
  return (output as unknown as { readonly timings: readonly Timing[] }).timings;
}
