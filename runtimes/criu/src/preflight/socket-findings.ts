// SPDX-License-Identifier: Apache-2.0
import type { PreflightFinding, TcpPolicy } from '@grit/plugin-api';
import { readTextIfThere } from '../files/sealed-json.js';

/** What may be done about sockets. */
export interface SocketRules {
  readonly tcp: TcpPolicy;
  /** Names the CRIU that cannot dump inet sockets on this kernel. */
  readonly inetUnsupportedBy: string | undefined;
}

/** An inet socket of the kernel's tables. */
export interface InetSocket {
  readonly table: string;
  /** True for a TCP connection in any state but listening and closed. */
  readonly connected: boolean;
}

const TABLES = ['tcp', 'tcp6', 'udp', 'udp6', 'udplite', 'raw', 'raw6', 'icmp'];
const LISTEN = '0A';
const CLOSE = '07';

/** The inet sockets in the network of the process, by inode. */
export async function socketsOf(pid: number): Promise<ReadonlyMap<string, InetSocket>> {
  const sockets = new Map<string, InetSocket>();
  for (const table of TABLES) {
    const lines = ((await readTextIfThere(`/proc/${pid}/net/${table}`)) ?? '').trim().split('\n').slice(1);
    for (const line of lines) {
      const fields = line.trim().split(/\s+/);
      const connected = table.startsWith('tcp') && fields[3] !== LISTEN && fields[3] !== CLOSE;
      sockets.set(fields[9] ?? '', { table, connected });
    }
  }
  return sockets;
}

/** What is wrong with a socket; `target` is the link in /proc: `socket:[inode]`. */
export function socketFinding(
  pid: number,
  fd: number,
  target: string,
  sockets: ReadonlyMap<string, InetSocket>,
  rules: SocketRules,
): PreflightFinding | undefined {
  const socket = sockets.get(/\[(\d+)\]/.exec(target)?.[1] ?? '');
  if (socket === undefined) return undefined;
  if (rules.inetUnsupportedBy !== undefined) {
    return {
      severity: 'blocker',
      reason: 'socket',
      message: `a ${socket.table} socket is open, which ${rules.inetUnsupportedBy} cannot dump on this kernel`,
      hint: 'Install CRIU 4.2 or newer.',
      pid,
      fd,
    };
  }
  if (!socket.connected || rules.tcp === 'keep') return undefined;
  const refused = rules.tcp === 'refuse';
  return {
    severity: refused ? 'blocker' : 'warning',
    reason: 'tcp-connection',
    message: refused ? 'a TCP connection is open' : 'a TCP connection is open; it will be closed in the restored copy',
    hint: 'Choose what happens with --tcp: keep needs the same address after the restore, close ends the connection.',
    pid,
    fd,
  };
}
