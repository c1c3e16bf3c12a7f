// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

const UUID = /^GPU-([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

export const UUID_BYTES = 16;

/** `GPU-…` as the 16 bytes of a CUuuid. Errors: GRIT_REQUEST_INVALID for what is no such UUID (that of a MIG device begins with `MIG-`). */
export function uuidToBytes(text: string): Buffer {
  const digits = UUID.exec(text)?.slice(1).join('');
  if (digits === undefined) {
    throw new GritError('GRIT_REQUEST_INVALID', `${JSON.stringify(text)} is not the UUID of a GPU`, {
      hint: '`nvidia-smi -L` lists them: GPU-xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx.',
    });
  }
  return Buffer.from(digits, 'hex');
}

/** The text of a CUuuid, in small letters as NVML writes it. */
export function uuidFromBytes(bytes: Uint8Array): string {
  if (bytes.length !== UUID_BYTES) throw new RangeError(`a UUID has ${UUID_BYTES} bytes, not ${bytes.length}`);
  const digits = Buffer.from(bytes).toString('hex');
  return `GPU-${[digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join('-')}`;
}
