// SPDX-License-Identifier: Apache-2.0
import { crc32 } from '@grit/image';
import { GritError } from '@grit/plugin-api';

export const CHECKSUM = 'x-amz-checksum-crc32';

/** As the header has it: the four bytes, high ones first, in base64. */
function checksumText(crc: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc);
  return bytes.toString('base64');
}

/** The checksum of bytes in memory. */
export function checksumOf(bytes: Uint8Array): string {
  return checksumText(crc32(bytes));
}

/** The checksum of a source, which is read for it: from the memory of the system, mostly. Throws GRIT_STORAGE_IO where its size is not `size`. */
export async function checksumOfSource(data: AsyncIterable<Uint8Array>, size: number): Promise<string> {
  let crc = 0;
  let seen = 0;
  for await (const bytes of data) {
    crc = crc32(bytes, crc);
    seen += bytes.length;
  }
  if (seen === size) return checksumText(crc);
  throw new GritError(
    'GRIT_STORAGE_IO',
    `what is to be sent has ${seen} bytes instead of ${size}: it was changed meanwhile`,
  );
}
