// SPDX-License-Identifier: Apache-2.0
import { readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GritError, NAME_PATTERN, type JsonObject } from '@grit/plugin-api';
import type { BundleDevice } from '../container/device-nodes.js';
import { isCallId } from './call.js';
import { pathThrough, type Shim } from './caller.js';
import { ANNOTATION } from './rendezvous.js';

/** A mount of an OCI bundle. */
interface BundleMount {
  readonly destination: string;
  readonly type?: string | undefined;
  readonly source?: string | undefined;
  readonly options?: readonly string[] | undefined;
}

/** What containerd has written into the bundle of one container of a pod, checked. */
export interface PodBundle {
  readonly kind: 'sandbox' | 'container';
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** containerd's id of the sandbox. */
  readonly sandbox: string;
  /** Empty for the sandbox. */
  readonly container: string;
  readonly restoreName: string;
  readonly mounts: readonly BundleMount[];
  /** Of a sandbox that has a name of its own. */
  readonly hostname: string | undefined;
  /** All of it. */
  readonly config: BundleConfig;
}

/** The parts of config.json that are used here; the others are carried as they are. */
export interface BundleConfig {
  readonly hostname?: string;
  readonly process?: JsonObject;
  readonly mounts?: readonly BundleMount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux?: {
    readonly namespaces?: readonly { readonly type: string; readonly path?: string }[];
    readonly devices?: readonly BundleDevice[];
    readonly resources?: { readonly memory?: { readonly limit?: number } };
  };
}

const CRI = 'io.kubernetes.cri';
const UID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
/** Pods have longer names than workloads of the engine. */
const POD_NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** Reads a bundle. Throws GRIT_REQUEST_INVALID when it is not of a pod. */
export async function readBundle(bundle: string, shim: Shim): Promise<PodBundle> {
  const config = JSON.parse(await readFile(configOf(bundle, shim), 'utf8')) as BundleConfig;
  const notes = config.annotations ?? {};
  const take = (name: string, isValid: (value: string) => boolean): string => {
    const value = notes[`${CRI}.${name}`] ?? '';
    if (isValid(value)) return value;
    throw new GritError('GRIT_REQUEST_INVALID', `annotation ${CRI}.${name} of bundle ${basename(bundle)} is not valid`);
  };
  const kind = take('container-type', (value) => value === 'sandbox' || value === 'container') as PodBundle['kind'];
  const mounts = config.mounts ?? [];
  for (const { destination, source } of mounts) {
    const fine = typeof destination === 'string' && (source === undefined || typeof source === 'string');
    if (!fine) throw new GritError('GRIT_REQUEST_INVALID', `a mount of bundle ${basename(bundle)} is not valid`);
  }
  const ownName = config.linux?.namespaces?.some(({ type }) => type === 'uts') === true;
  return {
    kind,
    pod: {
      namespace: take('sandbox-namespace', (value) => NAME_PATTERN.test(value)),
      name: take('sandbox-name', (value) => POD_NAME.test(value)),
      uid: take('sandbox-uid', (value) => UID.test(value)),
    },
    sandbox: take('sandbox-id', isCallId),
    container: kind === 'sandbox' ? '' : take('container-name', (value) => NAME_PATTERN.test(value)),
    restoreName: notes[ANNOTATION] ?? '',
    mounts,
    hostname: ownName && typeof config.hostname === 'string' ? config.hostname : undefined,
    config,
  };
}

/** The bundle of the sandbox lies beside those of its containers. */
export function sandboxBundle(bundle: string, sandbox: string): string {
  return join(dirname(bundle), sandbox);
}

/** The same container with another memory limit. */
export function withMemoryLimit({ linux = {}, ...config }: BundleConfig, limit: number): BundleConfig {
  const { resources = {} } = linux;
  // With swap: the same, as the kubelet has it, or the runtime takes it for a contradiction.
  const memory = { ...resources.memory, limit, ...('swap' in (resources.memory ?? {}) ? { swap: limit } : {}) };
  return { ...config, linux: { ...linux, resources: { ...resources, memory } } };
}

/** Writes config.json anew, in one step. */
export async function writeBundleConfig(bundle: string, shim: Shim, config: BundleConfig): Promise<void> {
  const path = configOf(bundle, shim);
  await writeFile(`${path}.grit`, JSON.stringify(config), { mode: 0o600 });
  await rename(`${path}.grit`, path);
}

function configOf(bundle: string, shim: Shim): string {
  return pathThrough(shim, join(bundle, 'config.json'));
}
