// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceMap } from '@grit/plugin-api';
import type { Gpu } from '../nvml/gpus.js';
import type { SourceGpu } from './gpu-record.js';

/** What is wanted by hand: source UUID to UUID here. */
export type WantedMap = ReadonlyMap<string, string>;

const UUID = /^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads `OLD=NEW,OLD=NEW`. Errors: GRIT_CONFIG_INVALID naming the pair. */
export function parseMap(text: string): WantedMap {
  const pairs = text.split(',').map((pair) => {
    const [from = '', to = '', ...more] = pair.trim().split('=');
    if (UUID.test(from) && UUID.test(to) && more.length === 0) return [from, to] as const;
    throw new GritError('GRIT_CONFIG_INVALID', `gpuMap: ${JSON.stringify(pair)} is not OLD=NEW with two UUIDs`, {
      hint: '`nvidia-smi -L` lists the UUIDs: GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.',
    });
  });
  return new Map(pairs);
}

/**
 * Gives each GPU of the source one here: the one that is wanted, else the very same, else the next of the same model that is free of this choice.
 * Empty when all stay the same. The driver wants every GPU that the process saw, also those that it did not use.
 * Errors: GRIT_RESTORE_INCOMPATIBLE.
 */
export function chooseMap(source: readonly SourceGpu[], here: readonly Gpu[], wanted: WantedMap): DeviceMap {
  if (here.length < source.length) {
    throw incompatible(`the processes had ${count(source.length)}, here are ${count(here.length)}`);
  }
  const chosen = new Map<string, Gpu>();
  const isFree = (gpu: Gpu): boolean => ![...chosen.values()].includes(gpu);
  const take = (from: SourceGpu, gpu: Gpu | undefined): void => {
    if (gpu !== undefined && isFree(gpu)) chosen.set(from.uuid, gpu);
  };
  for (const from of source) {
    const uuid = wanted.get(from.uuid);
    if (uuid === undefined) continue;
    const gpu = here.find((candidate) => candidate.uuid === uuid);
    if (gpu === undefined) throw incompatible(`gpuMap wants ${uuid}, which is not there`);
    if (!isFree(gpu)) throw incompatible(`gpuMap gives ${uuid} to two GPUs of the source`);
    if (!fits(from, gpu)) throw incompatible(`gpuMap: ${describe(gpu)} cannot stand for ${describe(from)}`);
    take(from, gpu);
  }
  const open = (): readonly SourceGpu[] => source.filter(({ uuid }) => !chosen.has(uuid));
  for (const from of open()) {
    take(
      from,
      here.find((gpu) => gpu.uuid === from.uuid && fits(from, gpu)),
    );
  }
  for (const from of open()) {
    const gpu = here.find((candidate) => isFree(candidate) && fits(from, candidate));
    if (gpu === undefined) {
      throw incompatible(`no GPU here can stand for ${describe(from)}; here: ${here.map(describe).join(', ')}`);
    }
    take(from, gpu);
  }
  const pairs = [...chosen].map(([from, { uuid }]) => [from, uuid] as const);
  return pairs.every(([from, to]) => from === to) ? {} : Object.fromEntries(pairs);
}

/** The driver restores only on the same chip; its name tells the model, the memory the variant. */
function fits(from: SourceGpu, gpu: Gpu): boolean {
  return gpu.name === from.name && gpu.memoryBytes >= from.memoryBytes && !gpu.mig;
}

function describe({ uuid, name, memoryBytes }: SourceGpu): string {
  return `${name} with ${Math.round(memoryBytes / 2 ** 20)} MiB (${uuid})`;
}

function count(gpus: number): string {
  return gpus === 1 ? '1 GPU' : `${gpus} GPUs`;
}

function incompatible(message: string): GritError {
  return new GritError('GRIT_RESTORE_INCOMPATIBLE', message, {
    hint: 'Choose a node with as many free GPUs of the same model.',
  });
}
