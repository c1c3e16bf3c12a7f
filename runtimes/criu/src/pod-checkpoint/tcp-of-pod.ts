// SPDX-License-Identifier: Apache-2.0
import type { TcpPolicy } from '@grit/plugin-api';
import { readTextIfThere } from '../files/sealed-json.js';

/** Listening, closed, and what is left of a connection that nobody has any more. */
const NOT_CONNECTED = ['0A', '07', '06'];
/** 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104, as the kernel prints them. */
const LOCAL = /^([0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/;

/**
 * What is done about the connections of a pod. Its address changes, so those to others are closed where that is allowed; CRIU closes all or
 * none. Where all of them stay inside the pod they are kept: both ends are in the image, and come back at one instant.
 *
 * @param pid - of any process in the pod's network
 */
export async function tcpOfPod(pid: number, asked: TcpPolicy): Promise<TcpPolicy> {
  if (asked !== 'close') return asked;
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readTextIfThere(`/proc/${pid}/net/${table}`)));
  const peers = tables.flatMap((table) => peersOf(table ?? ''));
  return peers.length > 0 && peers.every(isLocal) ? 'keep' : asked;
}

/** Addresses of the other ends of all connections that a process has. */
export function peersOf(table: string): readonly string[] {
  const lines = table.trim().split('\n').slice(1);
  return lines.flatMap((line) => {
    const [, , remote = '', state = '', , , , , , inode = '0'] = line.trim().split(/\s+/);
    return NOT_CONNECTED.includes(state) || inode === '0' ? [] : [remote.split(':')[0] ?? ''];
  });
}

/** Whether an address, as the kernel prints it, is one of the pod's own loopback. */
export function isLocal(address: string): boolean {
  return LOCAL.test(address);
}
