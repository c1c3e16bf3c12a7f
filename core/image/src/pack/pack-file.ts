// SPDX-License-Identifier: Apache-2.0
import { cutByContent } from '../chunk/cut-by-content.js';
import { fileChanged, localFileError } from '../io/open-local.js';
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { alignedUp } from '../io/aligned-memory.js';
import { DirectFile } from '../io/direct-file.js';
import type { ChunkPacker } from './chunk-packer.js';
import type { FileState } from './pack-request.js';
import { WINDOW_BYTES, readWindow } from './read-window.js';
import type { RowList } from './row-list.js';

/**
 * Packs the bytes of a file from `start` up to `end`, cut by content.
 * @param cached - it was just written, so its bytes are in the page cache and come fastest from there
 * Errors: GRIT_IMAGE_PART_MISSING; GRIT_IMAGE_PART_CORRUPT for a file that is not as it was, or cannot be read; those of `pack`.
 */
export function packFile(
  packer: ChunkPacker,
  file: FileState,
  start: number,
  end: number,
  cached: boolean,
  rows: RowList,
): void {
  using source = openUnchanged(file, !cached);
  const window = readWindow();
  // Bytes that were read and not packed yet: they end where the next window begins.
  let carried = 0;
  for (let position = start; position < end;) {
    packer.check();
    const wanted = Math.min(WINDOW_BYTES, end - position);
    const bytes = read(source, window.subarray(CHUNK_BYTES, CHUNK_BYTES + alignedUp(wanted)), position);
    if (bytes < wanted) throw fileChanged(file.path, 'became shorter while it was packed');
    position += wanted;
    const pending = window.subarray(CHUNK_BYTES - carried, CHUNK_BYTES + wanted);
    let packed = 0;
    while (packed < pending.length) {
      const cut = cutByContent(pending, packed, position === end);
      if (cut === 0) break;
      packer.pack(pending.subarray(packed, packed + cut), rows);
      packed += cut;
    }
    carried = pending.length - packed;
    window.copyWithin(CHUNK_BYTES - carried, CHUNK_BYTES + wanted - carried, CHUNK_BYTES + wanted);
  }
}

function openUnchanged({ path, device, inode, size, changed }: FileState, direct: boolean): DirectFile {
  let file: DirectFile | undefined;
  try {
    file = DirectFile.open(path, { direct });
    const now = file.stat();
    const same = `${now.dev}` === device && `${now.ino}` === inode && Number(now.size) === size;
    if (!same || `${now.mtimeNs}` !== changed) throw fileChanged(path, 'changed while it was packed');
    return file;
  } catch (error) {
    file?.[Symbol.dispose]();
    throw localFileError(error, path);
  }
}

function read(file: DirectFile, target: Uint8Array, position: number): number {
  try {
    return file.read(target, position);
  } catch (error) {
    throw localFileError(error, file.path);
  }
}
