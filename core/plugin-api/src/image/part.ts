// SPDX-License-Identifier: Apache-2.0

/**
 * What a part of an image is.
 * `memory`: pages; `runtime`: the small files of CRIU; `rootfs`: the changed files; `log`: output so far; `volume`, `device`: later kinds.
 */
export type PartKind = 'memory' | 'runtime' | 'rootfs' | 'log' | 'volume' | 'device';

/** A part that is to go into an image. */
export interface PartSource {
  /** Slash-separated, relative, unique in the image: `criu/pages-1.img`. See {@link checkPartName}. */
  readonly name: string;
  readonly kind: PartKind;
  /** Absolute path of a regular file below the sink's directory that no longer changes. */
  readonly path: string;
}

/** A part of a stored image, on local disk, verified. */
export interface LocalPart {
  readonly name: string;
  readonly kind: PartKind;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}
