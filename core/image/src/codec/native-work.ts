// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { arch, env, platform, versions } from 'node:process';
import type { ByteWork } from './byte-work.js';
import { checkZstdFrame } from './zstd-frame.js';

// Must be the ADDON_VERSION of native/data-plane.c.
const ADDON_VERSION = 1;

/** What native/data-plane.c exports. */
interface Addon {
  readonly version: number;
  /** Version of the zstd that it found in the process; missing when there was none. */
  readonly zstd?: string;
  compress(data: Uint8Array, level: number, hashLog: number, minMatch: number, target: Uint8Array): number;
  decompress(frame: Uint8Array, target: Uint8Array): number;
  split: ByteWork['split'];
  join: ByteWork['join'];
  /** Missing on processors that have nothing for it. */
  readonly crc32?: Crc32;
}

/** CRC-32 of what `before` is the CRC-32 of, and the data. */
export type Crc32 = (data: Uint8Array, before: number) => number;

/** Where `npm run build` puts the addon, below the folder of this package. */
const ADDON_FILE = `dist/native/data-plane-${platform}-${arch}.node`;

const addon = env['GRIT_NATIVE'] === '0' ? undefined : load();

/** The work done by the addon; undefined when it was not built, does not fit, or GRIT_NATIVE=0 says so. */
export const nativeWork: ByteWork | undefined = addon && workOf(addon);

/** The same for checksums. */
export const nativeCrc32: Crc32 | undefined = addon?.crc32;

function load(): Addon | undefined {
  try {
    const require = createRequire(import.meta.url);
    const found = require(join(dirname(require.resolve('@grit/image/package.json')), ADDON_FILE)) as Addon;
    // With another zstd than that of node:zlib the same data would be stored in two ways.
    return found.version === ADDON_VERSION && found.zstd === versions['zstd'] ? found : undefined;
  } catch {
    return undefined;
  }
}

function workOf(addon: Addon): ByteWork {
  return {
    compress: (data, { level, hashLog, minMatch }, target) => addon.compress(data, level, hashLog, minMatch, target),
    decompress(frame, target) {
      checkZstdFrame(frame, target.length);
      if (addon.decompress(frame, target) !== target.length) throw new Error('a damaged zstd frame');
    },
    split: addon.split,
    join: addon.join,
  };
}
