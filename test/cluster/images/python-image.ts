// SPDX-License-Identifier: Apache-2.0
import { debianImageUnavailable, makeDebianImage, type DebianImage, type ImageArchive } from './debian-image.js';

/** Python with its library: a sixth of the image with PyTorch. */
export const PYTHON_IMAGE = 'localhost/python:1';

const PYTHON: DebianImage = { name: PYTHON_IMAGE, packages: ['python3'] };

/** The image with Python, made where this machine has none. Throws PackagesUnavailable, ClusterError. */
export function pythonImage(signal: AbortSignal): Promise<ImageArchive> {
  return makeDebianImage(PYTHON, signal);
}

/** Why there is no image with Python, as reason to skip a test; undefined when there is one, made if need be. */
export function pythonUnavailable(signal: AbortSignal): Promise<string | undefined> {
  return debianImageUnavailable(PYTHON, signal);
}
