// SPDX-License-Identifier: Apache-2.0
import { debianImageUnavailable, makeDebianImage, type DebianImage, type ImageArchive } from './debian-image.js';

/** PyTorch for the CPU, and Python. */
export const TORCH_IMAGE = 'localhost/torch:1';

const TORCH: DebianImage = { name: TORCH_IMAGE, packages: ['python3-torch'] };

/** The image with PyTorch, made where this machine has none. Throws PackagesUnavailable, ClusterError. */
export function torchImage(signal: AbortSignal): Promise<ImageArchive> {
  return makeDebianImage(TORCH, signal);
}

/** Why there is no image with PyTorch, as reason to skip a test; undefined when there is one, made if need be. */
export function torchUnavailable(signal: AbortSignal): Promise<string | undefined> {
  return debianImageUnavailable(TORCH, signal);
}
