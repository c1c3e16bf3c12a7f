// SPDX-License-Identifier: Apache-2.0
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Json, WorkloadLimits } from '@grit/plugin-api';
import type { WorkloadDirectory } from '../workload/workload-directory.js';
import type { WorkloadRecord } from '../workload/workload-record.js';
import { readDeviceNodes, type DeviceNode } from './device-nodes.js';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Where the output directory is in the container. */
const OUTPUT_MOUNT = '/run/grit';
/** The container's own mounts, which a spec cannot replace. */
export const OWN_MOUNTS = ['/proc', '/dev', '/sys', OUTPUT_MOUNT];

const CAPABILITIES = [
  ['CAP_CHOWN', 0],
  ['CAP_DAC_OVERRIDE', 1],
  ['CAP_FOWNER', 3],
  ['CAP_FSETID', 4],
  ['CAP_KILL', 5],
  ['CAP_SETGID', 6],
  ['CAP_SETUID', 7],
  ['CAP_SETPCAP', 8],
  ['CAP_NET_BIND_SERVICE', 10],
  ['CAP_SYS_CHROOT', 18],
  ['CAP_SETFCAP', 31],
] as const;

/** Writes config.json. The same record gives the same container, here and on another node, but for the numbers of devices. */
export async function writeBundle(workload: WorkloadDirectory, record: WorkloadRecord): Promise<void> {
  const { spec } = record;
  const capabilities = await ownCapabilities();
  const missing = record.restore === undefined ? 'GRIT_WORKLOAD_START_FAILED' : 'GRIT_RESTORE_INCOMPATIBLE';
  const devices = await readDeviceNodes(spec.devices ?? [], missing);
  const config = {
    ociVersion: '1.0.2',
    hostname: spec.name,
    root: { path: 'rootfs' },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      // Output goes straight into a file of the container's: what was written before a freeze is in it, and CRIU
      // carries the descriptor like any other. A pipe would have bytes under way.
      args: ['/bin/sh', '-c', `exec "$@" </dev/null >>${OUTPUT_MOUNT}/log 2>&1`, 'sh', ...spec.command],
      env: Object.entries({ PATH, HOME: '/root', TERM: 'xterm', ...spec.env }).map(
        ([name, value]) => `${name}=${value}`,
      ),
      cwd: spec.workingDirectory ?? '/',
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    mounts: mountsOf(workload, record),
    annotations: { 'org.criu.config': workload.criuConfig },
    linux: {
      cgroupsPath: record.cgroup,
      namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })),
      devices,
      resources: { devices: rulesOf(devices), ...resourcesOf(spec.limits ?? {}, record.extraMemoryBytes) },
      maskedPaths: ['/proc/kcore', '/proc/keys', '/proc/timer_list'],
      readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
    },
  };
  await writeFile(join(workload.bundle, 'config.json'), JSON.stringify(config), { mode: 0o600 });
}

function mountsOf(workload: WorkloadDirectory, { spec }: WorkloadRecord): Json {
  const quiet = ['nosuid', 'noexec', 'nodev'];
  const own = [
    { destination: '/proc', type: 'proc', source: 'proc' },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      source: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
    },
    { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...quiet, 'mode=1777'] },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: quiet },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: [...quiet, 'ro'] },
    { destination: OUTPUT_MOUNT, type: 'bind', source: workload.output, options: ['bind', 'rw', ...quiet] },
  ];
  const asked = (spec.mounts ?? []).map(({ source, destination, readOnly }) => ({
    destination,
    type: 'bind',
    source,
    options: ['bind', readOnly === true ? 'ro' : 'rw'],
  }));
  return [...own, ...asked];
}

/** Only what was asked for, besides what runc always allows. */
function rulesOf(devices: readonly DeviceNode[]): Json {
  const allowed = devices.map(({ type, major, minor }) => ({ allow: true, type, major, minor, access: 'rwm' }));
  return [{ allow: false, access: 'rwm' }, ...allowed];
}

function resourcesOf({ memoryBytes, cpus, pids }: WorkloadLimits, extraBytes = 0): { readonly [key: string]: Json } {
  return {
    ...(memoryBytes === undefined ? {} : { memory: { limit: memoryBytes + extraBytes } }),
    ...(cpus === undefined ? {} : { cpu: { period: 100_000, quota: Math.round(cpus * 100_000) } }),
    ...(pids === undefined ? {} : { pids: { limit: pids } }),
  };
}

/** Those of the container's capabilities that we have to give. */
async function ownCapabilities(): Promise<readonly string[]> {
  const status = await readFile('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return CAPABILITIES.filter(([, bit]) => ((effective >> BigInt(bit)) & 1n) === 1n).map(([name]) => name);
}
