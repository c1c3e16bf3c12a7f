// SPDX-License-Identifier: Apache-2.0
import { GritError, PAGE_BYTES } from '@grit/plugin-api';
import { compareVersions } from '../criu/tool-versions.js';

/** How CRIU writes its commands: `wide` counts pages in 64 bits, on the wire and in the pagemaps. Nothing on the wire tells which. */
export interface HeaderLayout {
  readonly wide: boolean;
  /** Bytes of a command, the pages that may follow it left out. */
  readonly bytes: number;
}

const NARROW: HeaderLayout = { wide: false, bytes: 24 };
const WIDE: HeaderLayout = { wide: true, bytes: 32 };

/** The layout that this version of CRIU speaks; see `criu --version`. */
export function headerLayout(criuVersion: string): HeaderLayout {
  return compareVersions(criuVersion, '4.2') < 0 ? NARROW : WIDE;
}

/** What follows belongs to a process or a piece of shared memory: the file that CRIU expects its pagemap in. */
export interface PageTarget {
  readonly key: bigint;
  readonly file: string;
}

/** A command of CRIU, checked. */
export type PageCommand =
  | { readonly kind: 'open'; readonly target: PageTarget; readonly answered: boolean }
  | { readonly kind: 'parent' }
  | {
      readonly kind: 'add';
      readonly key: bigint;
      readonly address: number;
      readonly pages: number;
      readonly flags: number;
    }
  | { readonly kind: 'close' };

/** Entries of a pagemap: pages that may be restored later, and pages that are in the image. */
const LAZY = 2;
const PRESENT = 4;

const OPEN = 3;
const OPEN2 = 4;
const PARENT = 5;
const ADD_F = 6;
const CLOSE = 0x1023;
const FORCE_CLOSE = 0x1024;
const OF_PROCESS = 1n;
const OF_SHARED_MEMORY = 2n;
/** User memory ends at 2^56 at most; multiples of a page are exact in a double up to 2^65. */
const END_OF_MEMORY = 2n ** 57n;
const MOST_PAGES = 2n ** 40n;

/**
 * Reads the command at the offset. Errors: GRIT_DUMP_FAILED for everything that a full dump without a parent does not say: all of it
 * would become an image that cannot be restored.
 */
export function readCommand(memory: Uint8Array, offset: number, layout: HeaderLayout): PageCommand {
  const view = new DataView(memory.buffer, memory.byteOffset + offset, layout.bytes);
  const word = view.getUint32(0, true);
  const pages = layout.wide ? view.getBigUint64(8, true) : BigInt(view.getUint32(4, true));
  const address = view.getBigUint64(layout.bytes - 16, true);
  const key = view.getBigUint64(layout.bytes - 8, true);
  const command = word & 0xffff;
  const flags = word >>> 16;
  if (command !== ADD_F && flags !== 0) throw unexpected(`command ${command} with flags ${flags}`);
  switch (command) {
    case OPEN:
    case OPEN2:
      return { kind: 'open', target: targetOf(key), answered: command === OPEN2 };
    case PARENT:
      targetOf(key);
      return { kind: 'parent' };
    case ADD_F:
      checkRun(address, pages, flags);
      return { kind: 'add', key, address: Number(address), pages: Number(pages), flags };
    case CLOSE:
    case FORCE_CLOSE:
      return { kind: 'close' };
    default:
      throw unexpected(`command ${command}`);
  }
}

/** What a stream that is not a dump's is refused with. */
export function unexpected(what: string): GritError {
  return new GritError('GRIT_DUMP_FAILED', `CRIU sent what cannot be taken: ${what}`, {
    hint: 'With the option `pages: files` of the runtime the dump goes through files.',
  });
}

function targetOf(key: bigint): PageTarget {
  const id = key >> 8n;
  switch (key & 0xffn) {
    case OF_PROCESS:
      return { key, file: `pagemap-${id}.img` };
    case OF_SHARED_MEMORY:
      return { key, file: `pagemap-shmem-${id}.img` };
    default:
      throw unexpected(`pages of an unknown type, ${key}`);
  }
}

function checkRun(address: bigint, pages: bigint, flags: number): void {
  if ((flags & PRESENT) === 0 || (flags & ~(PRESENT | LAZY)) !== 0) throw unexpected(`pages with flags ${flags}`);
  if (pages === 0n || pages > MOST_PAGES) throw unexpected(`a run of ${pages} pages`);
  const size = BigInt(PAGE_BYTES);
  if (address % size !== 0n || address + pages * size > END_OF_MEMORY) throw unexpected(`pages at address ${address}`);
}
