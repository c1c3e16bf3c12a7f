// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { localCertificate } from '../../test/fixtures/object-stores/local-certificate.js';
import { shell } from '../image/timed-run.js';

export interface ByteServer {
  readonly port: string;
  /** With TLS: whom to trust. */
  readonly caFile: string | undefined;
  stop(): Promise<void>;
}

/** Compiles and starts the server that gives and drops bytes. Throws where it does not compile. */
export async function startByteServer(directory: string, secure: boolean): Promise<ByteServer> {
  const program = join(directory, secure ? 'byte-server-tls' : 'byte-server');
  const libraries = secure ? '-DTLS -lssl -lcrypto' : '';
  await shell(`cc -O2 -pthread -o ${program} ${join(import.meta.dirname, 'byte-server.c')} ${libraries}`);
  const certificate = secure ? await localCertificate(directory) : undefined;
  const files = certificate === undefined ? [] : [certificate.certificateFile, certificate.keyFile];
  const server = spawn(program, files, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(server, 'close');
  const [port] = (await Promise.race([
    once(createInterface(server.stdout), 'line'),
    ended.then(() => Promise.reject(new Error('the byte server has ended'))),
  ])) as [string];
  return {
    port,
    caFile: certificate?.certificateFile,
    stop: async () => {
      server.stdin.end();
      await ended;
    },
  };
}
