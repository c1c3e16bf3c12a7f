// SPDX-License-Identifier: Apache-2.0

/** Where the bytes go. */
export interface WireTarget {
  readonly secure: boolean;
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsTrust | undefined;
}

/** Whom to trust. Without it: whom Node trusts (NODE_EXTRA_CA_CERTS and --use-system-ca count). Certificates are always checked. */
interface TlsTrust {
  /** PEM; instead of those that Node trusts. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /** The name that the certificate must have, where it is not the host. */
  readonly servername?: string | undefined;
}

/** Limits of a Wire. Times in milliseconds. */
export interface WireOptions {
  /** Connections at a time; requests beyond them wait for one. */
  readonly connections: number;
  /** How long an unused connection is kept. */
  readonly idleMs: number;
  /** From the name to the end of the TLS handshake. */
  readonly connectMs: number;
  /** From the last byte of the request to the first of the answer. */
  readonly firstByteMs: number;
  /** Without a byte in either direction, while there is something to send or an answer has begun. */
  readonly stallMs: number;
  /** How long a body waits for `100 Continue` before it is sent anyway. */
  readonly continueMs: number;
}

export const WIRE_DEFAULTS: WireOptions = {
  connections: 8,
  idleMs: 5_000,
  connectMs: 10_000,
  firstByteMs: 30_000,
  stallMs: 20_000,
  continueMs: 1_000,
};
