// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { auditFlags } from './audit.js';
import type { Program } from './cluster-process.js';
import { CHECKING_KEY, SIGNING_KEY, TOKENS } from './credentials.js';

/** Where things of one control plane are. */
export interface ControlPlanePlaces {
  readonly directory: string;
  /** Folders of the programs. */
  readonly kubernetes: string;
  readonly etcd: string;
  /** On which the API server listens. */
  readonly address: string;
  readonly port: number;
  readonly etcdPort: number;
  /** The certificates by which the API server is checked; it makes them itself when it starts first. */
  readonly authority: string;
  /** The policy by which the API server writes down what was asked of it. */
  readonly audit?: string;
}

const CERTIFICATES = 'certificates';
const SERVICES = '10.96.0.0/16';
const ISSUER = 'https://kubernetes.default.svc';

export function findAuthority(directory: string): string {
  return join(directory, CERTIFICATES, 'apiserver.crt');
}

export function describeEtcd({ etcd, directory, etcdPort }: ControlPlanePlaces): Program {
  const client = `http://127.0.0.1:${etcdPort}`;
  // Nobody needs the data of a test cluster after the machine has crashed.
  const flags = [
    `--data-dir=${join(directory, 'etcd')}`,
    '--unsafe-no-fsync',
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    '--listen-peer-urls=http://127.0.0.1:0',
    '--log-level=warn',
  ];
  return { name: 'etcd', command: [join(etcd, 'etcd'), ...flags] };
}

export function describeApiServer(places: ControlPlanePlaces): Program {
  const { kubernetes, directory, address, port, etcdPort } = places;
  const flags = [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    `--bind-address=${address}`,
    `--advertise-address=${address}`,
    `--secure-port=${port}`,
    `--cert-dir=${join(directory, CERTIFICATES)}`,
    `--token-auth-file=${join(directory, TOKENS)}`,
    '--authorization-mode=Node,RBAC',
    '--enable-admission-plugins=NodeRestriction',
    '--anonymous-auth=false',
    '--allow-privileged=true',
    `--service-cluster-ip-range=${SERVICES}`,
    `--service-account-issuer=${ISSUER}`,
    `--service-account-key-file=${join(directory, CHECKING_KEY)}`,
    `--service-account-signing-key-file=${join(directory, SIGNING_KEY)}`,
    '--kubelet-preferred-address-types=InternalIP',
    // There is only one, and a loopback address is refused as an endpoint.
    '--endpoint-reconciler-type=none',
    // Webhooks behind a Service are reached at their pods: nothing here takes care of the Service's address.
    '--enable-aggregator-routing=true',
    // Watches would otherwise hold up its end for a minute.
    '--shutdown-watch-termination-grace-period=1s',
    '--max-requests-inflight=1000',
    '--max-mutating-requests-inflight=500',
    ...(places.audit === undefined ? [] : auditFlags(directory, places.audit)),
  ];
  return { name: 'kube-apiserver', command: [join(kubernetes, 'kube-apiserver'), ...flags] };
}

export function describeControllerManager(places: ControlPlanePlaces, kubeconfig: string): Program {
  const flags = [
    ...describeClient(kubeconfig),
    `--root-ca-file=${places.authority}`,
    `--service-account-private-key-file=${join(places.directory, SIGNING_KEY)}`,
    '--use-service-account-credentials=true',
    `--service-cluster-ip-range=${SERVICES}`,
  ];
  const program = join(places.kubernetes, 'kube-controller-manager');
  return { name: 'kube-controller-manager', command: [program, ...flags] };
}

export function describeScheduler(places: ControlPlanePlaces, kubeconfig: string): Program {
  const program = join(places.kubernetes, 'kube-scheduler');
  return { name: 'kube-scheduler', command: [program, ...describeClient(kubeconfig)] };
}

// Thousands of pods at once shall wait for the server, not for a limit in its clients.
function describeClient(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
    // Nobody asks them anything.
    '--secure-port=0',
  ];
}
