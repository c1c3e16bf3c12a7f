// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './run-program.js';

export interface OciImage {
  readonly name: string;
  /** Folder with its files. */
  readonly root: string;
  readonly command: readonly string[];
}

/** Writes an image of one layer as an OCI archive, by hand: there is no registry and no builder. The same root gives the same bytes. */
export async function writeOciArchive(archive: string, image: OciImage): Promise<void> {
  const layout = `${archive}.layout`;
  const blobs = join(layout, 'blobs', 'sha256');
  rmSync(layout, { recursive: true, force: true });
  mkdirSync(blobs, { recursive: true });
  const add = (mediaType: string, file: Buffer): { mediaType: string; digest: string; size: number } => {
    const hash = createHash('sha256').update(file).digest('hex');
    writeFileSync(join(blobs, hash), file);
    return { mediaType, digest: `sha256:${hash}`, size: file.length };
  };
  const addJson = (mediaType: string, value: unknown): ReturnType<typeof add> =>
    add(mediaType, Buffer.from(JSON.stringify(value)));

  await packFolder(image.root, `${archive}.layer`);
  const layer = add('application/vnd.oci.image.layer.v1.tar', readFileSync(`${archive}.layer`));
  const config = addJson('application/vnd.oci.image.config.v1+json', {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Env: ['PATH=/bin'], Cmd: image.command },
    rootfs: { type: 'layers', diff_ids: [layer.digest] },
  });
  const manifest = addJson('application/vnd.oci.image.manifest.v1+json', { schemaVersion: 2, config, layers: [layer] });
  const name = { 'io.containerd.image.name': image.name };
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations: name }] }),
  );
  await packFolder(layout, `${archive}.new`);
  renameSync(`${archive}.new`, archive);
  rmSync(layout, { recursive: true });
  rmSync(`${archive}.layer`);
}

async function packFolder(folder: string, archive: string): Promise<void> {
  const fixed = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner'];
  await runProgram('tar', [...fixed, '-C', folder, '-cf', archive, '.']);
}
