// SPDX-License-Identifier: Apache-2.0
import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { WireError } from './wire-error.js';
import type { WireOptions, WireTarget } from './wire-target.js';

/** The last TLS session of a target: a new connection goes on with it, which saves a round trip and a signature. */
export interface TlsSession {
  ticket: Buffer | undefined;
}

/** Reads straight into the memory that `buffer` names each time; the plain `data` events of a socket would copy all of it. */
export type Reads = OnReadOpts & { readonly buffer: () => Uint8Array };

/** Opens a connection. Errors: WireError `connect` and `tls`; the signal's reason. */
export async function openSocket(
  target: WireTarget,
  { connectMs }: Pick<WireOptions, 'connectMs'>,
  session: TlsSession,
  reads: Reads,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  const { host, port, secure } = target;
  const common = { host, port, noDelay: true, autoSelectFamily: true, onread: reads };
  const socket = secure ? connectTls(tlsOptions(target, common, session)) : connect(common);
  socket.on('session', (ticket: Buffer) => (session.ticket = ticket));
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const fail = (cause: unknown): void =>
    reject(new WireError(isTlsFault(cause) ? 'tls' : 'connect', `no connection to ${host}:${port}`, { cause }));
  const abort = (): void => reject(signal.reason as Error);
  const closed = (): void => fail(new Error('closed before it was open'));
  const timer = setTimeout(() => fail(new Error(`not open after ${connectMs} ms`)), connectMs);
  socket
    .once(secure ? 'secureConnect' : 'connect', resolve)
    .once('error', fail)
    .once('close', closed);
  signal.addEventListener('abort', abort, { once: true });
  try {
    await promise;
    socket.off('error', fail).off('close', closed);
    return socket;
  } catch (error) {
    socket.on('error', () => undefined).destroy();
    // A session that the server does not like any more is not tried again.
    session.ticket = undefined;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function tlsOptions(target: WireTarget, common: object, { ticket }: TlsSession): ConnectionOptions {
  const { host, tls } = target;
  const servername = tls?.servername ?? (isIP(host) === 0 ? host : undefined);
  return {
    ...common,
    ALPNProtocols: ['http/1.1'],
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED cannot turn it off.
    rejectUnauthorized: true,
    ...(servername === undefined ? {} : { servername }),
    ...(tls?.ca === undefined ? {} : { ca: [tls.ca].flat<(string | Buffer | readonly (string | Buffer)[])[]>() }),
    ...(ticket === undefined ? {} : { session: ticket }),
  };
}

/** Codes of OpenSSL and of the check of certificates, against those of the system calls. */
function isTlsFault(cause: unknown): boolean {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^ERR_(SSL|TLS|OSSL)|CERT|^UNABLE_TO|^EPROTO$|CRL|SIGNATURE|HOSTNAME/.test(code);
}
