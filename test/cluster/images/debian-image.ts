// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { exclusively } from '../exclusively.js';
import { writeOciArchive } from '../oci-archive.js';
import { runProgram } from '../run-program.js';
import { describeRoot, makeDebianRoot, PackagesUnavailable } from './debian-root.js';

export const IMAGE_CACHE = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'grit', 'images');
const ARCHIVE = 'image.tar';
const ENVIRONMENT = ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];

/** Changes when the same packages are to give another archive. */
const FORM = 1;

export interface DebianImage {
  readonly name: string;
  readonly packages: readonly string[];
}

/** An image for `ClusterNode.importImage`. */
export interface ImageArchive {
  readonly name: string;
  /** Path of the OCI archive. */
  readonly archive: string;
}

/**
 * An image of Debian with some packages, made on the first call on this machine: a minute or two. Everybody else who
 * wants it meanwhile waits for that.
 * Throws PackagesUnavailable where packages cannot be had, else ClusterError.
 */
export async function makeDebianImage({ name, packages }: DebianImage, signal: AbortSignal): Promise<ImageArchive> {
  const command = ['/bin/sh'];
  const recipe = { FORM, name, arch: process.arch, root: describeRoot(packages), command, ENVIRONMENT };
  const hash = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
  const folder = join(IMAGE_CACHE, hash);
  const archive = join(folder, ARCHIVE);
  const made = { name, archive };
  if (existsSync(archive)) return made;
  if (process.getuid?.() !== 0) throw new PackagesUnavailable(`making the image ${name} needs root`);
  await mkdir(IMAGE_CACHE, { recursive: true });
  const make = async (): Promise<void> => {
    if (existsSync(archive)) return;
    const started = performance.now();
    say(`making the image ${name} from packages of Debian: ${packages.join(', ')} (once on this machine)`);
    // Whatever another left who was killed in the middle of it.
    const work = `${folder}.new`;
    await removeFolder(work);
    await mkdir(work);
    try {
      const layer = join(work, 'layer.tar');
      await makeDebianRoot(packages, layer, work, signal);
      await writeOciArchive(join(work, ARCHIVE), { name, layer, command, environment: ENVIRONMENT }, signal);
      for (const left of (await readdir(work)).filter((file) => file !== ARCHIVE)) await removeFolder(join(work, left));
      await rename(work, folder);
    } catch (error) {
      // Where a program that was called off still writes there, the next maker removes it.
      await removeFolder(work).catch(() => undefined);
      throw error;
    }
    const megabytes = (await stat(archive)).size / 1e6;
    say(
      `${name} made (${megabytes.toFixed(0)} MB, ${((performance.now() - started) / 1000).toFixed(0)} s): ${archive}`,
    );
  };
  await exclusively(`grit-image-${folder}`, make, signal);
  return made;
}

/** Why an image cannot be had on this machine, as reason to skip a test; undefined when it can, and then it is made. */
export async function debianImageUnavailable(image: DebianImage, signal: AbortSignal): Promise<string | undefined> {
  try {
    await makeDebianImage(image, signal);
    return undefined;
  } catch (error) {
    if (error instanceof PackagesUnavailable) return error.message;
    throw error;
  }
}

export async function removeFolder(folder: string): Promise<void> {
  await runProgram('rm', ['-rf', '--one-file-system', folder]);
}

function say(text: string): void {
  process.stderr.write(`cluster: ${text}\n`);
}
