// SPDX-License-Identifier: Apache-2.0
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GritError } from '@grit/plugin-api';
import { ACCOUNT, apiServer, STARTED } from './account.js';
import { askSettings } from './configure-node.js';
import { findContainerd } from './containerd-process.js';
import { findOurShim } from './our-shim.js';
import { currentOf, type NodePlace } from './place.js';
import { enterNode } from './run-on-node.js';

/** An agent waits most of its life; its threads pack and unpack images. */
const FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=1', '--optimize-for-size'];

/** A shell stays here, so that the files of the container (token, configuration) can be reached for as long as the agent runs. */
const SUPERVISE = `trap 'kill -TERM "$agent" 2>/dev/null' TERM INT
"$@" &
agent=$!
wait "$agent"; code=$?
while kill -0 "$agent" 2>/dev/null; do wait "$agent"; code=$?; done
exit "$code"`;

/** Where the chart mounts the Secrets of stores. */
const SECRETS = '/etc/grit-secrets';
const IDENTITY_FILES: readonly string[] = ['AWS_WEB_IDENTITY_TOKEN_FILE', 'AZURE_FEDERATED_TOKEN_FILE'];

/** What the agent is started with. */
export interface AgentStart {
  readonly place: NodePlace;
  readonly node: string;
  /** The agent's grit.yaml, in this container. */
  readonly config: string;
}

/**
 * Becomes the agent of the node: `grit agent` among the node's files, with the programs that the installer has put there, in the network and
 * the control group of this pod. Does not return.
 */
export async function runAgent({ place, node, config }: AgentStart, signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  const shim = await findOurShim();
  const containerd = await findContainerd(shim.containerdSocket, shim.pid);
  if (containerd === undefined) {
    throw new GritError('GRIT_RUNTIME_UNAVAILABLE', `nobody listens on ${shim.containerdSocket}`);
  }
  const { program } = await askSettings(containerd, signal, enterNode(shim));
  const bin = join(currentOf(place), 'bin');
  const command = [
    ...enterNode(shim),
    join(bin, 'node'),
    ...FLAGS,
    join(currentOf(place), 'node_modules/@grit/cli/bin/grit.js'),
    ...['agent', '--no-server', '--node', node, '--state-dir', place.stateDirectory, '--config', seenFromNode(config)],
  ];
  const env = {
    ...process.env,
    PATH: `${bin}:${containerd.path}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: place.stateDirectory,
    KUBECONFIG: seenFromNode(await writeAccess()),
    GRIT_RUNC: program,
    GRIT_CONTAINERD: shim.containerdSocket,
    GRIT_SECRETS: seenFromNode(SECRETS),
    ...(await identityFiles()),
  };
  const execve = process.execve?.bind(process);
  if (execve === undefined) throw new GritError('GRIT_UNSUPPORTED', 'this Node cannot be replaced by another program');
  return execve('/bin/sh', ['sh', '-c', SUPERVISE, 'sh', ...command], env);
}

/** Files by which identities of clouds are proven: what admission of the cloud has mounted, and SDKs read. */
async function identityFiles(): Promise<Record<string, string>> {
  const files = Object.entries(process.env).filter(([name]) => IDENTITY_FILES.includes(name));
  // The file itself is a link of the kubelet's, which is changed at each renewal.
  const seen = files.map(async ([name, path = '']) => {
    return [name, seenFromNode(join(await realpath(dirname(path)), basename(path)))];
  });
  return Object.fromEntries(await Promise.all(seen)) as Record<string, string>;
}

/** A file of this container as a process in the node's mounts finds it. */
function seenFromNode(path: string): string {
  return `/proc/${process.pid}/root${path}`;
}

/** The rights of the pod as a kubeconfig: in the node's mounts nothing lies where clients look for them. The token is read anew when it is renewed. */
async function writeAccess(): Promise<string> {
  // /var/run is a link, which would be followed among the node's files.
  const account = seenFromNode(await realpath(ACCOUNT));
  const authProvider = { name: 'tokenFile', config: { tokenFile: `${account}/token` } };
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'grit', cluster: { server: apiServer(), 'certificate-authority': `${account}/ca.crt` } }],
    users: [{ name: 'grit', user: { 'auth-provider': authProvider } }],
    contexts: [{ name: 'grit', context: { cluster: 'grit', user: 'grit' } }],
    'current-context': 'grit',
  };
  await mkdir(dirname(STARTED), { recursive: true });
  await writeFile(STARTED, JSON.stringify(kubeconfig), { mode: 0o600 });
  return STARTED;
}
