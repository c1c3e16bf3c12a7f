// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import type { WireBody } from './wire-request.js';

/** Bytes of one write: large enough to cost nothing, small enough that progress is seen on a slow line. */
const PIECE = 256 * 1024;

/** What the sending of a body asks and tells. */
export interface SendWatch {
  /** Nobody wants the rest. */
  readonly stopped: boolean;
  /** The body is asked for its next piece: whatever time it takes is not the network's. */
  reading(): void;
  /** So many bytes more are in the kernel. */
  wrote(bytes: number): void;
}

/** Writes head and body, of exactly the given size, each piece when the one before it is in the kernel. */
export async function sendBody(
  socket: Socket,
  head: Uint8Array | undefined,
  body: WireBody,
  size: number,
  watch: SendWatch,
): Promise<void> {
  let before = head;
  let left = size;
  watch.reading();
  for await (const bytes of body instanceof Uint8Array ? [body] : body()) {
    if (bytes.length > left) throw new TypeError(`a body of ${size} bytes gives more of them`);
    for (let at = 0; at < bytes.length; at += PIECE) {
      if (watch.stopped) return;
      const piece = bytes.subarray(at, at + PIECE);
      await write(socket, before, piece);
      before = undefined;
      left -= piece.length;
      watch.wrote(piece.length);
    }
    if (watch.stopped) return;
    watch.reading();
  }
  if (left > 0) throw new TypeError(`a body of ${size} bytes gives ${left} fewer`);
  if (before !== undefined) await write(socket, undefined, before);
}

/** One packet for head and body where it fits. Fulfilled also when the socket is lost, which its owner hears of anyway. */
function write(socket: Socket, head: Uint8Array | undefined, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    if (head !== undefined) {
      socket.cork();
      socket.write(head);
    }
    socket.write(bytes, () => resolve());
    if (head !== undefined) socket.uncork();
  });
}
