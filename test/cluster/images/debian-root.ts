// SPDX-License-Identifier: Apache-2.0
import { ClusterError } from '../cluster-error.js';
import { runForResult } from '../run-program.js';

const SUITE = 'trixie';

/** Nobody reads or translates anything in a test, and no GPU of another maker is there. */
const LEFT_OUT = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
  '/usr/share/lintian/*',
  '/usr/share/X11/locale/*',
  '/usr/lib/libtorch-test/*',
  '/usr/lib/python3/dist-packages/torch/bin/*test*',
  '/usr/lib/*/libLLVM*',
  '/usr/lib/*/libamd_comgr*',
  '/usr/lib/*/libamdhip64*',
];

/** Python's own tests are compiled with the rest when their packages are set up, so they can only go afterwards. */
const REMOVE_TESTS = `find "$1"/usr/lib/python3* -type d '(' -name test -o -name tests ')' -prune -exec rm -rf {} +`;

/** What apt, dpkg and mmdebstrap say when packages cannot be had: a lack of this machine or its network, no fault of ours. */
const LACKS =
  /resolving|could not resolve|could not connect|unable to connect|connection (failed|refused|timed out)|failed to fetch|unable to locate package|no_pubkey|not signed|certificate|\b(403|404|407|50\d)\b|no space left/i;

/** What a shell, and unshare too, exits with for a program that is not there. */
const NOT_FOUND = 127;

/** Packages or their installer cannot be had here. The message is a reason to skip a test. */
export class PackagesUnavailable extends ClusterError {}

/** The arguments by which mmdebstrap makes a root: they name exactly what is in it, but for what Debian has mended since. */
export function describeRoot(packages: readonly string[]): string[] {
  const leftOut = LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`);
  const hooks = packages.some((name) => name.startsWith('python3')) ? [`--customize-hook=${REMOVE_TESTS}`] : [];
  const form = ['--variant=minbase', '--format=tar', '--skip=output/dev', ...hooks];
  return [...form, `--include=${packages.join(',')}`, ...leftOut, SUITE];
}

/**
 * Writes a tar of a Debian root; `work` is an empty folder for what lies around meanwhile. Needs root.
 * Throws PackagesUnavailable where packages cannot be had, else ClusterError.
 */
export async function makeDebianRoot(
  packages: readonly string[],
  tar: string,
  work: string,
  signal: AbortSignal,
): Promise<void> {
  // What mmdebstrap mounts into the root and whatever it starts end with its first process, however that ends:
  // nobody who removes the folder later must meet the devices of the machine in it.
  const alone = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child=KILL'];
  const env = { ...process.env, TMPDIR: work, LC_ALL: 'C.UTF-8' };
  const args = [...alone, 'mmdebstrap', ...describeRoot(packages), tar];
  const { code, stderr } = await runForResult('setpriv', args, { env, signal, abortKills: true });
  if (code === 0) return;
  if (code === NOT_FOUND)
    throw new PackagesUnavailable('missing for images: mmdebstrap (of the package with that name)');
  const lack = stderr.split('\n').find((line) => /^\s*([EW]:|Err:|mmdebstrap)/.test(line) && LACKS.test(line));
  if (lack !== undefined) throw new PackagesUnavailable(`packages of Debian ${SUITE} cannot be had: ${lack.trim()}`);
  throw new ClusterError(`mmdebstrap failed (exit code ${code}): ${stderr.trim().slice(-2000)}`);
}
