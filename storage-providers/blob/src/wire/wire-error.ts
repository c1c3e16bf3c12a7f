// SPDX-License-Identifier: Apache-2.0

/**
 * Where a request ended: no connection (`connect`, or `tls` where the certificate or the handshake is bad), a connection that was lost
 * (`reset`), one on which nothing moved any more (`stall`), or an answer that is not HTTP/1.1 as we take it (`protocol`).
 */
export type WireErrorKind = 'connect' | 'tls' | 'reset' | 'stall' | 'protocol';

/** What goes wrong on the way to an object store. Inside this package only: whoever calls makes a GritError of it. */
export class WireError extends Error {
  readonly kind: WireErrorKind;
  /** Bytes of the body that were given to the kernel. */
  readonly sent: number;
  /** Bytes of the answer's body that arrived. */
  readonly received: number;

  constructor(
    kind: WireErrorKind,
    message: string,
    options: { readonly cause?: unknown; readonly sent?: number; readonly received?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'WireError';
    this.kind = kind;
    this.sent = options.sent ?? 0;
    this.received = options.received ?? 0;
  }
}
