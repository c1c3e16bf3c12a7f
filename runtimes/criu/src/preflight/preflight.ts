// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type PreflightFinding,
  type PreflightReport,
  type TcpPolicy,
  type WorkloadRef,
} from '@grit/plugin-api';
import { ContainerCgroup } from '../cgroup/container-cgroup.js';
import { compareVersions, type ToolVersions } from '../criu/tool-versions.js';
import type { NodeEnvironment } from '../node-environment.js';
import { viewWorkload } from '../workload/workload-status.js';
import { deviceFindings } from '../devices/device-findings.js';
import { deviceProcesses } from '../devices/device-processes.js';
import { descriptorFindings } from './descriptor-findings.js';
import { mappingFindings } from './mapping-findings.js';
import { processFindings } from './process-findings.js';
import { residentBytes } from './resident-bytes.js';
import type { SocketRules } from './socket-findings.js';

/** CRIU before 4.2 cannot dump any inet socket on these kernels. */
const SOCKET_CRIU = '4.2';
const SOCKET_KERNEL = '6.16';

/** See RuntimeDriver.preflight: reads /proc, touches nothing. */
export async function preflight(
  node: NodeEnvironment,
  workload: WorkloadRef,
  tcp: TcpPolicy,
  versions: ToolVersions,
  signal: AbortSignal,
): Promise<PreflightReport> {
  const { record, status, hold } = await viewWorkload(node, workload);
  if (record === undefined || status.state === 'missing' || status.pid === undefined) {
    const ended = status.state === 'exited';
    const message = ended ? `workload ${workload.name} has ended` : `this node has no workload ${workload.name}`;
    throw new GritError(ended ? 'GRIT_WORKLOAD_NOT_RUNNING' : 'GRIT_WORKLOAD_NOT_FOUND', message);
  }
  if (hold !== undefined) {
    throw new GritError('GRIT_WORKLOAD_HELD', `workload ${workload.name} is held for checkpoint ${hold.hold.id}`);
  }
  const pids = await (await ContainerCgroup.open(record.cgroup)).pids();
  const carried = (path: string): boolean => node.devices?.owns(path) === true;
  const report = await inspectProcesses(pids, status.pid, { tcp, versions, carried });
  const inDevices = await deviceFindings(
    node.devices,
    await deviceProcesses(workload.name, pids),
    node.mayRaiseLimits,
    signal,
  );
  return {
    findings: [...report.findings, ...inDevices.findings],
    estimatedBytes: report.estimatedBytes + inDevices.bytes,
  };
}

/** What is fine in a process, and what is not. */
export interface InspectionRules {
  readonly tcp: TcpPolicy;
  readonly versions: ToolVersions;
  /** Devices that a driver looks after, by path. */
  readonly carried: (path: string) => boolean;
}

/** Looks at the processes of one container. @param init - pid of its first. Errors: GRIT_RUNTIME_UNAVAILABLE. */
export async function inspectProcesses(
  pids: readonly number[],
  init: number,
  { tcp, versions, carried }: InspectionRules,
): Promise<PreflightReport> {
  if (versions.criu === '' || versions.runc === '') {
    throw new GritError('GRIT_RUNTIME_UNAVAILABLE', `${versions.criu === '' ? 'criu' : 'runc'} is missing`);
  }
  const tooOld =
    compareVersions(versions.criu, SOCKET_CRIU) < 0 && compareVersions(versions.kernel, SOCKET_KERNEL) >= 0;
  const rules: SocketRules = { tcp, inetUnsupportedBy: tooOld ? `CRIU ${versions.criu}` : undefined };
  const found = await Promise.all(
    pids.map(async (pid) => [
      ...(await processFindings(pid, pids, init)),
      ...(await descriptorFindings(pid, rules, carried)),
      ...(await mappingFindings(pid, carried)),
    ]),
  );
  const sizes = await Promise.all(pids.map(residentBytes));
  const findings: PreflightFinding[] = found.flat();
  return { findings, estimatedBytes: sizes.reduce((sum, size) => sum + size, 0) };
}
