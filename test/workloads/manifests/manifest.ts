// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** An object of Kubernetes, ready for JSON. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** What all workloads can be told. */
export interface WorkloadOptions {
  readonly name: string;
  /** Default: default. */
  readonly namespace?: string;
  /** Only this node; default: wherever the scheduler likes. */
  readonly node?: string;
  /** Default: that of the node. */
  readonly runtimeClass?: string;
  /** Of the pods, beside `app`, which is the name. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Of the pods. */
  readonly annotations?: Readonly<Record<string, string>>;
}

function readProgram(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../programs/${name}`, import.meta.url)), 'utf8');
}

/** The command of a container that runs a program below programs/, given on the command line. */
export function pythonCommand(program: string, ...args: readonly string[]): string[] {
  // The kubelet would put the value of a variable there.
  const text = readProgram(program).replaceAll('$(', '$$(');
  return ['/usr/bin/python3', '-c', text, ...args];
}

/** The parts of a pod that its options decide. */
export function podPlacement({ node, runtimeClass }: WorkloadOptions): Record<string, unknown> {
  return {
    ...(node === undefined ? {} : { nodeSelector: { 'kubernetes.io/hostname': node } }),
    ...(runtimeClass === undefined ? {} : { runtimeClassName: runtimeClass }),
    // A frozen program does not hear that it is to end.
    terminationGracePeriodSeconds: 1,
    // Nobody answers names in a test cluster.
    dnsPolicy: 'Default',
    automountServiceAccountToken: false,
  };
}

/** The metadata of a pod. */
export function podMetadata({ name, labels, annotations }: WorkloadOptions): Record<string, unknown> {
  return { labels: { app: name, ...labels }, ...(annotations === undefined ? {} : { annotations }) };
}

/** Name and namespace. */
export function metadataOf({ name, namespace = 'default' }: WorkloadOptions): { name: string; namespace: string } {
  return { name, namespace };
}

/** What `kubectlApply` takes for several objects. */
export function asList(...items: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
