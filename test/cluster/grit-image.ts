// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, linkSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildModule } from './binaries.js';
import { exclusively } from './exclusively.js';
import { IMAGE_CACHE, removeFolder, type ImageArchive } from './images/debian-image.js';
import { describeRoot, makeDebianRoot, PackagesUnavailable } from './images/debian-root.js';
import { runForResult, runProgram } from './run-program.js';

const ROOT = join(import.meta.dirname, '..', '..');
const IMAGES = join(ROOT, 'deploy', 'images');
const BUILT = join(ROOT, 'core', 'cli', 'dist', 'main.js');
/** What deploy/images/Dockerfile installs where a base lacks it. */
const PACKAGES = ['ca-certificates', 'iptables', 'nftables', 'mount', 'libstdc++6', 'valkey-server'];
const BASE = 'localhost/grit-base:1';
/** Images of earlier states of the checkout that are kept. */
const KEPT = 3;

const CLAIM_IMAGE = 'localhost/claim:1';

/** The images of a release, and what its chart is told of them. */
export interface GritImages {
  readonly grit: ImageArchive;
  readonly claim: ImageArchive;
  readonly values: { readonly image: object; readonly claim: object };
}

/**
 * The images of this checkout as it is built, made with buildah and kept by their content: half a minute when something has changed.
 * Throws PackagesUnavailable where it cannot be made here, else ClusterError.
 */
export async function gritImages(signal: AbortSignal): Promise<GritImages> {
  if (process.getuid?.() !== 0) throw new PackagesUnavailable('making an image needs root');
  if ((await runForResult('buildah', ['--version']).catch(() => undefined))?.code !== 0) {
    throw new PackagesUnavailable('missing for images: buildah (of the package with that name)');
  }
  if (!existsSync(BUILT)) throw new PackagesUnavailable('the packages are not built: npm run build');
  const folder = join(IMAGE_CACHE, 'grit');
  await mkdir(folder, { recursive: true });
  return exclusively(`grit-image-${folder}`, () => makeImages(folder, signal), signal);
}

/** Why there are no such images, as reason to skip a test; undefined when there are, made if need be. */
export async function gritImagesUnavailable(signal: AbortSignal): Promise<string | undefined> {
  try {
    await gritImages(signal);
    return undefined;
  } catch (error) {
    if (error instanceof PackagesUnavailable) return error.message;
    throw error;
  }
}

async function makeImages(folder: string, signal: AbortSignal): Promise<GritImages> {
  // Alone, so whatever is there was left by one who was killed.
  const work = join(folder, 'work');
  await removeFolder(work);
  await mkdir(work);
  try {
    const context = join(work, 'context');
    await runProgram(process.execPath, [join(IMAGES, 'stage.mjs'), context], { signal });
    const base = await makeBase(folder, work, signal);
    const build = readFileSync(join(context, 'grit', 'BUILD'), 'utf8').trim();
    const tag = hashOf(build, base);
    const grit = { name: `localhost/grit:${tag}`, archive: join(folder, `grit-${tag}.tar`) };
    if (!existsSync(grit.archive)) {
      const rootfs = join(work, 'base');
      await mkdir(rootfs);
      linkSync(base, join(rootfs, 'base.tar'));
      await writeFile(join(rootfs, 'Dockerfile'), 'FROM scratch\nADD base.tar /\n');
      const builder = builderIn(work, signal);
      await builder.build(BASE, join(rootfs, 'Dockerfile'), rootfs);
      await builder.build(grit.name, join(IMAGES, 'Dockerfile'), context, `BASE=${BASE}`);
      await builder.write(grit);
    }
    await utimes(grit.archive, new Date(), new Date());
    await removeOld(folder);
    const claim = await makeClaim(folder, work, signal);
    const image = { repository: 'localhost/grit', tag, pullPolicy: 'Never' };
    return { grit, claim, values: { image, claim: { image: CLAIM_IMAGE } } };
  } finally {
    await removeFolder(work);
  }
}

/** Tar of a Debian with what the image needs: it is the base here, where there is no registry. */
async function makeBase(folder: string, work: string, signal: AbortSignal): Promise<string> {
  const base = join(folder, `base-${hashOf(JSON.stringify(describeRoot(PACKAGES)), process.arch)}.tar`);
  if (existsSync(base)) return base;
  const around = join(work, 'root');
  await mkdir(around);
  await makeDebianRoot(PACKAGES, join(work, 'base.tar'), around, signal);
  await rename(join(work, 'base.tar'), base);
  return base;
}

async function makeClaim(folder: string, work: string, signal: AbortSignal): Promise<ImageArchive> {
  const program = join(await buildModule('pause', signal), 'pause');
  const dockerfile = join(IMAGES, 'claim.Dockerfile');
  const hash = hashOf(readFileSync(program), readFileSync(dockerfile));
  const claim = { name: CLAIM_IMAGE, archive: join(folder, `claim-${hash}.tar`) };
  if (existsSync(claim.archive)) return claim;
  const context = join(work, 'claim');
  await mkdir(context);
  await copyFile(program, join(context, 'pause'));
  const builder = builderIn(work, signal);
  await builder.build(claim.name, dockerfile, context);
  await builder.write(claim);
  return claim;
}

/** buildah as it works for root without a daemon, without namespaces of users and without a network. */
function builderIn(work: string, signal: AbortSignal) {
  const store = ['--root', join(work, 'store'), '--runroot', join(work, 'run'), '--storage-driver', 'vfs'];
  const buildah = (...args: string[]): Promise<string> =>
    runProgram('buildah', [...store, ...args], { signal, env: { ...process.env, TMPDIR: work } });
  return {
    build: async (name: string, dockerfile: string, context: string, ...buildArgs: string[]): Promise<void> => {
      const told = buildArgs.flatMap((arg) => ['--build-arg', arg]);
      const how = ['--isolation', 'chroot', '--timestamp', '0', '--layers=false'];
      await buildah('bud', ...how, ...told, '--tag', name, '--file', dockerfile, context);
    },
    write: async ({ name, archive }: ImageArchive): Promise<void> => {
      await buildah('push', '--disable-compression', name, `oci-archive:${archive}.new:${name}`);
      await rename(`${archive}.new`, archive);
    },
  };
}

async function removeOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^grit-\w+\.tar$/.test(name));
  const dated = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  for (const { name } of dated.sort((a, b) => b.at - a.at).slice(KEPT)) await removeFolder(join(folder, name));
}

function hashOf(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}
