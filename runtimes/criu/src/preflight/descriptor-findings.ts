// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import type { PreflightFinding } from '@grit/plugin-api';
import { descriptorsOf } from '../process/open-files.js';
import { deviceNumber, isOrdinaryDevice } from './ordinary-devices.js';
import { socketFinding, socketsOf, type SocketRules } from './socket-findings.js';

const SUPPORTED_ANONYMOUS = ['eventfd', 'eventpoll', 'signalfd', 'timerfd', 'inotify', 'fanotify', 'pidfd'];

/** What is wrong with the open files of a process. @param carried - devices that somebody else looks after, by path */
export async function descriptorFindings(
  pid: number,
  rules: SocketRules,
  carried: (path: string) => boolean,
): Promise<readonly PreflightFinding[]> {
  const links = await descriptorsOf(pid);
  const sockets = links.some(({ target }) => target.startsWith('socket:')) ? await socketsOf(pid) : new Map();
  const found = await Promise.all(
    links.map(async ({ fd, target }) => {
      if (target.startsWith('socket:')) return socketFinding(pid, fd, target, sockets, rules);
      if (target.startsWith('anon_inode:')) return anonymousFinding(pid, fd, target);
      return target.startsWith('/') && !carried(target) ? deviceFinding(pid, fd, target) : undefined;
    }),
  );
  return found.filter((finding) => finding !== undefined);
}

function anonymousFinding(pid: number, fd: number, target: string): PreflightFinding | undefined {
  const kind = target.slice('anon_inode:'.length).replace(/^\[|\]$/g, '');
  if (SUPPORTED_ANONYMOUS.includes(kind)) return undefined;
  if (kind === 'io_uring') {
    return {
      severity: 'blocker',
      reason: 'io-uring',
      message: 'an io_uring is open, which CRIU cannot dump',
      hint: 'Switch it off in the program (UV_USE_IO_URING=0 for libuv), or on the node with sysctl kernel.io_uring_disabled=2.',
      pid,
      fd,
    };
  }
  return {
    severity: 'blocker',
    reason: 'anonymous-file',
    message: `a kernel object of kind ${kind} is open, which CRIU cannot dump`,
    hint: 'Let the program close it before a checkpoint.',
    pid,
    fd,
  };
}

async function deviceFinding(pid: number, fd: number, target: string): Promise<PreflightFinding | undefined> {
  const facts = await stat(`/proc/${pid}/fd/${fd}`).catch(() => undefined);
  if (facts === undefined || (!facts.isCharacterDevice() && !facts.isBlockDevice())) return undefined;
  if (facts.isCharacterDevice() && isOrdinaryDevice(facts.rdev)) return undefined;
  return {
    severity: 'blocker',
    reason: 'device',
    message: `the device ${target} (${deviceNumber(facts.rdev)}) is open`,
    hint: 'Close it before a checkpoint, or run the workload without it.',
    pid,
    fd,
  };
}
