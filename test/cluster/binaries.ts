// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClusterError } from './cluster-error.js';
import { runForResult, runProgram } from './run-program.js';

const SOURCES = fileURLToPath(new URL('binaries', import.meta.url));
const CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'grit', 'cluster');
const KUBERNETES = 'v1.36.3';
const VERSION_PACKAGE = 'k8s.io/component-base/version';

interface GoModule {
  readonly name: string;
  /** What is told to `go build`. */
  readonly packages: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly flags: readonly string[];
  /** Other names of its only program, which does something else under each. */
  readonly names?: readonly string[];
}

const STATIC = { CGO_ENABLED: '0' };
const STRIPPED = ['-ldflags', '-s -w'];
const [major = '', minor = ''] = KUBERNETES.slice(1).split('.');
const facts = Object.entries({ gitVersion: KUBERNETES, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' });
const versionFlags = facts.map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`).join(' ');

const MODULES = {
  kubernetes: {
    name: 'kubernetes',
    packages: ['.'],
    environment: STATIC,
    flags: ['-ldflags', `-s -w ${versionFlags}`],
    names: ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kubectl'],
  },
  etcd: { name: 'etcd', packages: ['.'], environment: STATIC, flags: STRIPPED },
  containerd: { name: 'containerd', packages: ['tool'], environment: STATIC, flags: STRIPPED },
  // Its first stage is C, and without seccomp it refuses the profile of every ordinary pod.
  runc: {
    name: 'runc',
    packages: ['tool'],
    environment: { CGO_ENABLED: '1' },
    flags: ['-tags', 'seccomp', ...STRIPPED],
  },
  cni: { name: 'cni', packages: ['tool'], environment: STATIC, flags: STRIPPED },
  helm: { name: 'helm', packages: ['tool'], environment: STATIC, flags: STRIPPED },
  versitygw: { name: 'versitygw', packages: ['tool'], environment: STATIC, flags: STRIPPED },
  pause: { name: 'pause', packages: ['.'], environment: STATIC, flags: STRIPPED },
} satisfies Record<string, GoModule>;

/** The modules below binaries/, each built on its own. */
export type ModuleName = keyof typeof MODULES;

export const CONTROL_PLANE_MODULES: readonly ModuleName[] = ['kubernetes', 'etcd'];
export const NODE_MODULES: readonly ModuleName[] = ['containerd', 'runc', 'cni', 'pause'];

/**
 * Folder with the programs of a module, built on the first call on this machine: minutes for Kubernetes. Everybody else
 * who wants it meanwhile waits for that build.
 * Throws ClusterError when there is no Go, the sources cannot be fetched, or the build fails.
 */
export async function buildModule(name: ModuleName, signal?: AbortSignal): Promise<string> {
  const module: GoModule = MODULES[name];
  const source = join(SOURCES, name);
  const target = join(CACHE, `${name}-${await describeModule(module)}`);
  if (existsSync(target)) return target;
  mkdirSync(CACHE, { recursive: true });
  const started = performance.now();
  process.stderr.write(`cluster: building ${name} with Go (once on this machine)\n`);
  // The lock is the kernel's: it ends with its holder. What is built appears in one rename.
  const script = `set -e; out=$1; names=$2; shift 2
    if test -e "$out"; then exit 0; fi
    rm -rf "$out.new"; mkdir "$out.new"
    go build -trimpath -o "$out.new/" "$@"
    for name in $names; do ln -s kubernetes "$out.new/$name"; done
    mv "$out.new" "$out"`;
  const args = [target, (module.names ?? []).join(' '), ...module.flags, ...module.packages];
  const { code, stderr } = await runForResult(
    'setpriv',
    ['--pdeathsig', 'KILL', 'flock', join(CACHE, `${name}.lock`), 'sh', '-c', script, 'sh', ...args],
    { directory: source, env: goEnvironment(module), ...(signal !== undefined && { signal }) },
  );
  if (code !== 0) throw new ClusterError(`${name} cannot be built: ${stderr.trim().slice(-2000)}`);
  process.stderr.write(`cluster: ${name} built (${((performance.now() - started) / 1000).toFixed(0)} s)\n`);
  return target;
}

// Names exactly what the build depends on, so that the same folder always means the same programs.
async function describeModule(module: GoModule): Promise<string> {
  const hash = createHash('sha256')
    .update(JSON.stringify(module))
    .update(await readGoVersion());
  for (const file of ['go.mod', 'go.sum', 'main.go']) {
    const path = join(SOURCES, module.name, file);
    if (existsSync(path)) hash.update(`${file}\n`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Throws ClusterError where there is no Go. */
export async function readGoVersion(): Promise<string> {
  return await runProgram('go', ['env', 'GOVERSION', 'GOARCH'], { env: { ...process.env, GOTOOLCHAIN: 'local' } });
}

// Nothing of the user's settings may change what is built; whatever fetches the modules stays as it is.
function goEnvironment(module: GoModule): NodeJS.ProcessEnv {
  return { ...process.env, GOTOOLCHAIN: 'local', GOWORK: 'off', GOFLAGS: '-buildvcs=false', ...module.environment };
}
