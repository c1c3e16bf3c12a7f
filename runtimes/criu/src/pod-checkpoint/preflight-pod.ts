// SPDX-License-Identifier: Apache-2.0
import type { CheckpointOptions, PreflightFinding, PreflightReport, WorkloadRef } from '@grit/plugin-api';
import type { ToolVersions } from '../criu/tool-versions.js';
import { deviceFindings } from '../devices/device-findings.js';
import { findPod } from '../pod/pod-view.js';
import { podOf } from '../pod/pod-of.js';
import { inspectProcesses } from '../preflight/preflight.js';
import { waitUntil } from '../process/wait-until.js';
import { heldFor } from './checkpoint-pod.js';
import { namespaceFindings } from './namespace-findings.js';
import type { PodPlaces } from './pod-places.js';
import { podToDump, processesOf, type ContainerToDump } from './pod-to-dump.js';
import { tcpOfPod } from './tcp-of-pod.js';

const PROBE_LIMIT_MS = 5_000;

/** See RuntimeDriver.preflight: reads /proc and asks containerd, touches nothing. Each finding names its container. Those that are left out may use what they like. */
export async function preflightPod(
  { node, client, holds }: PodPlaces,
  workload: WorkloadRef,
  { tcp, containers }: Pick<CheckpointOptions, 'tcp' | 'containers'>,
  versions: ToolVersions,
  signal: AbortSignal,
): Promise<PreflightReport> {
  const view = await findPod(client, workload, signal);
  const pod = await podToDump(client, view, node.config.kubeletDirectory, containers, signal);
  const hold = await holds.read(podOf(workload).uid);
  if (hold !== undefined) throw heldFor(hold);
  const carried = (path: string): boolean => node.devices?.owns(path) === true;
  const inspect = async ({ container, cgroup }: ContainerToDump): Promise<PreflightReport> => {
    const look = async (): Promise<PreflightReport> =>
      inspectProcesses(await cgroup.pids(), container.pid, {
        tcp: await tcpOfPod(container.pid, tcp),
        versions,
        carried,
      });
    // A probe of the kubelet is gone in a moment; the freeze waits for such a moment too.
    const calm = async (): Promise<PreflightReport | undefined> => {
      const report = await look();
      return report.findings.some(({ reason }) => reason === 'foreign-process') ? undefined : report;
    };
    const limits = { limitMs: PROBE_LIMIT_MS, intervalMs: 50, signal };
    const report = (await waitUntil(calm, limits)) ?? (await look());
    const withName = (finding: PreflightFinding): PreflightFinding => {
      return { ...finding, message: `container ${container.name}: ${finding.message}` };
    };
    return { ...report, findings: report.findings.map(withName) };
  };
  const shared = await namespaceFindings(node, pod, signal);
  const reports = await Promise.all(pod.containers.map(inspect));
  const inDevices = await deviceFindings(node.devices, await processesOf(pod.containers), node.mayRaiseLimits, signal);
  return {
    findings: [...shared, ...reports.flatMap(({ findings }) => findings), ...inDevices.findings],
    estimatedBytes: reports.reduce((sum, { estimatedBytes }) => sum + estimatedBytes, inDevices.bytes),
  };
}
