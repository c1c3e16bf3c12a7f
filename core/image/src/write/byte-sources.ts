// SPDX-License-Identifier: Apache-2.0
import { openLocal } from '../io/open-local.js';

const PIECE_BYTES = 1024 * 1024;

/** The bytes in pieces, as views. */
export async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** The bytes of a file in pieces, each new memory: whoever takes them may keep them. */
export async function* fileStream(path: string): AsyncGenerator<Uint8Array, void> {
  await using file = await openLocal(path);
  for (let at = 0; ;) {
    const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    if (bytesRead === 0) return;
    yield piece.subarray(0, bytesRead);
    at += bytesRead;
  }
}
