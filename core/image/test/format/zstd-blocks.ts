// SPDX-License-Identifier: Apache-2.0

/** Fewer equal bytes are not worth a block of their own. */
const MIN_RUN = 16;

/**
 * A zstd frame of plain blocks and of runs: what any decoder reads, and the same bytes for ever, whatever the compressor of the day
 * would make. A single segment with the size of its content in four bytes.
 */
export function zstdBlocks(data: Uint8Array): Buffer {
  const blocks: { run: boolean; bytes: Uint8Array }[] = [];
  let plain = 0;
  for (let at = 0; at < data.length;) {
    let end = at + 1;
    while (data[end] === data[at] && end < data.length) end++;
    if (end - at >= MIN_RUN) {
      if (plain < at) blocks.push({ run: false, bytes: data.subarray(plain, at) });
      blocks.push({ run: true, bytes: data.subarray(at, end) });
      plain = end;
    }
    at = end;
  }
  if (plain < data.length || blocks.length === 0) blocks.push({ run: false, bytes: data.subarray(plain) });

  const header = Buffer.alloc(9);
  header.writeUInt32LE(0xfd2fb528, 0);
  header.writeUInt8(0xa0, 4);
  header.writeUInt32LE(data.length, 5);
  const pieces = blocks.flatMap(({ run, bytes }, index) => {
    const last = index === blocks.length - 1 ? 1 : 0;
    const block = Buffer.alloc(3);
    block.writeUIntLE((bytes.length << 3) | (run ? 2 : 0) | last, 0, 3);
    return [block, run ? bytes.subarray(0, 1) : bytes];
  });
  return Buffer.concat([header, ...pieces]);
}
