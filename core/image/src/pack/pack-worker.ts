// SPDX-License-Identifier: Apache-2.0
// A thread that packs. It works synchronously: one request after the other, for any number of packers.
import { GritError } from '@grit/plugin-api';
import { serveThread, type Answer } from '../threads/serve-thread.js';
import { ChunkPacker } from './chunk-packer.js';
import { findPack } from './find-pack.js';
import { insertRows } from './insert-rows.js';
import { packFile } from './pack-file.js';
import type { PackedRows, PackRequest } from './pack-request.js';
import { packSlab } from './pack-slab.js';
import { readBack } from './read-back.js';
import { RowList } from './row-list.js';

const packers = new Map<number, ChunkPacker>();
const rows = new RowList();

serveThread((request: PackRequest): Answer => {
  if (request.kind === 'begin') {
    packers.set(request.packer, new ChunkPacker(request.setup));
    return { value: undefined };
  }
  const packer = packers.get(request.packer);
  if (request.kind === 'leave') {
    packers.delete(request.packer);
    packer?.leave();
    return { value: undefined };
  }
  if (packer === undefined) {
    throw new GritError('GRIT_INTERNAL', 'a thread of the packer died, and with it the pack that it was writing');
  }
  if (request.kind === 'pack') return { value: findPack(packer, request) };
  if (request.kind === 'known') {
    insertRows(packer, request);
    return { value: undefined };
  }
  if (request.kind === 'read-back') return { value: readBack(packer, request) };
  // What a failed request left is nobody's.
  rows.take();
  if (request.kind === 'slab') {
    const counts = packSlab(packer, new Uint8Array(request.slab), new Float64Array(request.segments), rows);
    return answer(packer, counts, request.slab);
  }
  if (request.kind === 'file') packFile(packer, request.file, request.start, request.end, request.cached, rows);
  else packer.finish();
  return answer(packer, [rows.count]);
});

function answer(packer: ChunkPacker, counts: readonly number[], slab?: ArrayBuffer): Answer {
  const { data, fresh } = packer;
  const packs = packer.takeFinished();
  const taken = rows.take();
  const value: PackedRows = { rows: taken, counts, data, fresh, packs, ...(slab !== undefined && { slab }) };
  return { value, transfer: slab === undefined ? [taken] : [taken, slab] };
}
