// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './cluster-process.js';
import { PAUSE_IMAGE } from './node-images.js';
import type { NodePlaces } from './node-places.js';

/** Where containerd listens, as the node sees it. */
const SOCKET = '/run/containerd/containerd.sock';

/** containerd of a node, as it comes: nothing of it lies outside the node's directory. Writes its configuration. */
export function describeContainerd(node: NodePlaces): Program {
  const { directory, programs } = node;
  mkdirSync(join(directory, 'cni'), { recursive: true });
  writeFileSync(join(directory, 'cni', '10-grit.conflist'), JSON.stringify(describeNetwork(node), undefined, 2));
  const config = join(directory, 'containerd.toml');
  writeFileSync(config, describeConfig(node));
  // Found from outside by a short path, which a socket needs.
  rmSync(node.containerdSocket, { force: true });
  symlinkSync(join(directory, 'root', SOCKET), node.containerdSocket);
  // A second start must not take back what an agent has put there.
  const wrapper = findWrapper(directory);
  const plain = `#!/bin/sh\nexec '${join(programs.runc, 'runc')}' "$@"\n`;
  if (!existsSync(wrapper)) writeFileSync(wrapper, plain, { mode: 0o755 });
  return {
    name: `containerd-${node.name}`,
    comesBack: !node.handler,
    command: [...node.enter, join(programs.containerd, 'containerd'), '--config', config],
    // It finds its shim by PATH, and runc finds CRIU so.
    environment: { PATH: `${programs.containerd}:${programs.runc}:${process.env['PATH'] ?? ''}` },
  };
}

/** What the handler `grit` starts in place of runc: plain runc until an agent replaces the file. */
function findWrapper(directory: string): string {
  return join(directory, 'runc-grit');
}

function describeNetwork({ directory, pods }: NodePlaces): unknown {
  const ipam = { type: 'host-local', ranges: [[{ subnet: pods }]], routes: [{ dst: '0.0.0.0/0' }] };
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: false,
    ipam: { ...ipam, dataDir: join(directory, 'addresses') },
  };
  return { cniVersion: '1.0.0', name: 'grit', plugins: [bridge] };
}

function describeConfig({ directory, programs, handler }: NodePlaces): string {
  const runtime = "plugins.'io.containerd.cri.v1.runtime'";
  const options = (program: string, root: string): string =>
    `BinaryName = '${program}'\nRoot = '${join(directory, root)}'\nSystemdCgroup = false`;
  const grit = `
[${runtime}.containerd.runtimes.grit]
runtime_type = 'io.containerd.runc.v2'
pod_annotations = ['grit.dev/*']
container_annotations = ['grit.dev/*']

[${runtime}.containerd.runtimes.grit.options]
${options(findWrapper(directory), 'grit-runc')}
`;
  // No CAP_SYS_RESOURCE is needed this way.
  return `version = 3
imports = ['${join(directory, 'containerd.d')}/*.toml']
root = '${join(directory, 'containerd')}'
state = '${join(directory, 'containerd-state')}'

[grpc]
address = '${SOCKET}'

[plugins.'io.containerd.internal.v1.opt']
path = '${join(directory, 'opt')}'

[plugins.'io.containerd.nri.v1.nri']
disable = true

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = '${PAUSE_IMAGE}'

[${runtime}]
restrict_oom_score_adj = true
netns_mounts_under_state_dir = true

[${runtime}.cni]
bin_dirs = ['${programs.cni}']
conf_dir = '${join(directory, 'cni')}'

[${runtime}.containerd]
default_runtime_name = 'runc'

[${runtime}.containerd.runtimes.runc]
runtime_type = 'io.containerd.runc.v2'

[${runtime}.containerd.runtimes.runc.options]
${options(join(programs.runc, 'runc'), 'runc')}
${handler ? grit : ''}`;
}
