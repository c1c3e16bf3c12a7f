// SPDX-License-Identifier: Apache-2.0

/** One message of a pagemap: its fields and their values. */
export type Message = readonly (readonly [field: number, value: number])[];

/** The bytes of a `pagemap-*.img` with these messages, the head first. */
export function pagemap(messages: readonly Message[]): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x54564319, 0);
  head.writeUInt32LE(0x56084025, 4);
  const bodies = messages.map((message) => {
    const body = Buffer.from(message.flatMap(([field, value]) => [...varint(field * 8), ...varint(value)]));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    return Buffer.concat([size, body]);
  });
  return Buffer.concat([head, ...bodies]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}
