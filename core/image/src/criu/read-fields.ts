// SPDX-License-Identifier: Apache-2.0

/** Reads a protobuf message that has numbers only, up to 2^53. Throws an Error for anything else. */
export function readFields(message: Buffer): ReadonlyMap<number, number> {
  const fields = new Map<number, number>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('a number is cut off');
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) throw new Error('a number is too large');
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    if (key % 8 !== 0) throw new Error(`field ${Math.floor(key / 8)} is no number`);
    fields.set(Math.floor(key / 8), varint());
  }
  return fields;
}
