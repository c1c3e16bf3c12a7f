// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes to send: memory that stays as it is until the request has ended, or a call that gives them anew each time (a request that was
 * lost with an idle connection is sent again). The next piece is asked for when this one is in the kernel: its memory is free then.
 */
export type WireBody = Uint8Array | (() => AsyncIterable<Uint8Array>);

/** One request. */
export interface WireRequest {
  readonly method: string;
  /** Path and query as they go over the wire. */
  readonly path: string;
  /**
   * Names in any case. `host` and `content-length` are added where they are missing; what belongs to the connection
   * (`connection`, `transfer-encoding`, `expect`, …) is refused.
   */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: WireBody | undefined;
  /** Bytes of the body; needed where it is a call. */
  readonly bodySize?: number | undefined;
  /** Asks before the body is sent, so that a refusal costs nothing. */
  readonly expectContinue?: boolean | undefined;
  /** The body of a 2xx answer goes straight there; it may be shorter, a longer one is refused. Not touched after the request has ended. */
  readonly into?: Uint8Array | undefined;
  /** Bytes of a body that has no target: 1 MiB without it. A longer one is refused. */
  readonly bodyLimit?: number | undefined;
  /** Whether it may be sent twice. Without it: GET, HEAD, PUT, DELETE, OPTIONS. */
  readonly repeatable?: boolean | undefined;
  readonly signal: AbortSignal;
}

/** Any answer, also 4xx and 5xx. */
export interface WireAnswer {
  readonly status: number;
  /** Names in lower case; what came more than once is joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body, unless it went into `into`. */
  readonly body: Uint8Array;
  /** Bytes of the body, wherever they are. */
  readonly received: number;
  /** It was sent a second time, as the first went with an idle connection: the service may have done it twice. */
  readonly repeated: boolean;
}
