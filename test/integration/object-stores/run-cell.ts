// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openImage, verifyImage } from '@grit/image';
import { isGritError, type StorageProvider } from '@grit/plugin-api';
import { FaultProxy, type ProxiedRequest, type RequestRecord } from '../../fixtures/object-stores/fault-proxy.js';
import { signal } from '../image-put/stored-image.js';
import type { Column } from './columns.js';
import { IMAGE, type Operation } from './operations.js';
import { idsOf, isRaw, storeRaw, whichOf } from './raw-image.js';
import type { Patience } from './open-place.js';
import type { RawObject, Service } from './service.js';

/** One place of the matrix. */
export interface Cell {
  readonly service: Service;
  readonly operation: Operation;
  readonly column: Column;
  /** Which of the requests that the fault can happen to. */
  readonly nth: number;
}

/** `missed`: there was no such request. */
export type Outcome = 'resumed' | 'coded' | 'missed';

/** A record is smaller than this only where it stands for none: it has nothing but a token. */
const VACANT_BYTES = 100;

let cells = 0;

/** Whether it can happen to the request. */
export function fits(service: Service, column: Column, request: ProxiedRequest): boolean {
  if (column.name === 'wrong byte up' && !service.checksums && request.key.includes('/objects/')) return false;
  return column.fits?.(request) ?? true;
}

/** The requests of the operation where nothing goes wrong. */
export async function requestsOf(service: Service, operation: Operation): Promise<RequestRecord[]> {
  return inScene(service, 'patient', async ({ proxy, faulty, clean, directory }) => {
    const act = await operation.prepare({ faulty, clean, directory });
    proxy.forget();
    const check = await act();
    const requests = [...proxy.requests];
    await check();
    return requests;
  });
}

/** Does the operation with the fault, and looks at what is left. Throws where something is not as it must be. */
export async function runCell({ service, operation, column, nth }: Cell): Promise<Outcome> {
  // Where it does not get better, nothing is gained by waiting.
  const hopeless = column.times === Infinity && column.codes.length > 0;
  const patience = hopeless ? 'short' : column.name.startsWith('stall') ? 'stalled' : 'patient';
  return inScene(service, patience, async ({ proxy, faulty, clean, directory, prefix }) => {
    const act = await operation.prepare({ faulty, clean, directory });
    proxy.forget();
    const { times } = column;
    const where = (request: ProxiedRequest): boolean => fits(service, column, request);
    const rule = proxy.when({ nth, times, where }, column.fault(service.answers, proxy));
    const ended = await act().then(
      (check) => ({ check }),
      (error: unknown) => ({ error }),
    );
    proxy.calm();
    if (rule.hits === 0) return 'missed';
    if ('error' in ended) isExpected(ended.error, column);
    else if (times === Infinity && nth === 1 && column.codes.length > 0)
      assert.fail('it succeeded without its service');
    else if (column.name !== 'wrong byte down' || operation.unverified !== true) await ended.check();
    await isClean(service, clean, operation, prefix);
    return 'error' in ended ? 'coded' : 'resumed';
  });
}

interface FaultyScene {
  readonly proxy: FaultProxy;
  readonly faulty: StorageProvider;
  readonly clean: StorageProvider;
  readonly directory: string;
  readonly prefix: string;
}

async function inScene<T>(service: Service, patience: Patience, run: (scene: FaultyScene) => Promise<T>): Promise<T> {
  const prefix = `cell-${++cells}/`;
  const directory = await mkdtemp(join(tmpdir(), 'grit-cell-'));
  const proxy = await FaultProxy.start(service.endpoint, service.root);
  try {
    const faulty = service.provider({ endpoint: proxy.endpoint, prefix, patience });
    const clean = service.provider({ endpoint: service.endpoint, prefix });
    return await run({ proxy, faulty, clean, directory, prefix });
  } finally {
    await proxy.stop();
    await rm(directory, { recursive: true });
  }
}

function isExpected(error: unknown, column: Column): void {
  if (!isGritError(error)) throw error;
  if (!column.codes.includes(error.code)) throw error;
  assert.ok(error.hint, `${error.code} has no hint`);
}

/** Nothing is half there, the image can be written anew, and nothing is left of it all once it is deleted and collected. */
async function isClean(service: Service, clean: StorageProvider, operation: Operation, prefix: string): Promise<void> {
  for (const id of await idsOf(clean)) {
    if (id === 'c-1' && operation.images.length > 0) await whichOf(clean, id, operation.images);
    else if (id === 'w-1') await verifyImage(await openImage(clean, id, signal), { signal });
    else if (id !== 'c-1') await isRaw(clean, id, IMAGE);
  }
  for (const id of ['c-1', 'w-1']) {
    await clean.delete(id, signal);
    await storeRaw(clean, id, IMAGE);
    await whichOf(clean, id, [IMAGE]);
  }
  await isCollected(service, clean, prefix);
}

/** After deletes and two runs of the collector there are the records of the store itself, and no parts of uploads. */
export async function isCollected(service: Service, clean: StorageProvider, prefix: string): Promise<void> {
  for (const id of await idsOf(clean)) await clean.delete(id, signal);
  for (let run = 0; run < 3; run++) await clean.collect?.({ signal, graceMs: 0 });
  const own = ['grit-store.json', 'collect/condemned.json'];
  const isOwn = ({ key, size }: RawObject): boolean =>
    own.includes(key) || (key.startsWith('images/') && size < VACANT_BYTES);
  const left = (await service.objects({ prefix })).filter((object) => !isOwn(object));
  assert.deepEqual(left, [], 'left in the store');
  assert.deepEqual(await service.unfinished(prefix), [], 'uploads that nobody ended');
}
