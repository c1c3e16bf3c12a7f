// SPDX-License-Identifier: Apache-2.0

/** Lines of a stream, without their ends; nothing is copied twice, however long a line is. */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const data of stream) {
    let from = 0;
    for (let end = data.indexOf(10, from); end >= 0; end = data.indexOf(10, from)) {
      const part = data.subarray(from, end);
      yield begun.length === 0 ? part : Buffer.concat([...begun, part]);
      begun = [];
      from = end + 1;
    }
    if (from < data.length) begun.push(data.subarray(from));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}
