// SPDX-License-Identifier: Apache-2.0

/** What is to be sent cannot be read: no fault of the connection, so sending is not tried again. Never leaves this package. */
export class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
}

/** The failure of a source that an error is, or comes from. */
export function sourceFailure(error: unknown): SourceFailure | undefined {
  if (error instanceof SourceFailure) return error;
  return error instanceof Error && error.cause !== undefined ? sourceFailure(error.cause) : undefined;
}

/** Marks what the source throws. */
export async function* fromSource(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* data;
  } catch (cause) {
    throw new SourceFailure('the source failed', { cause });
  }
}
