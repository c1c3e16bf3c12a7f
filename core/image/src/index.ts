// SPDX-License-Identifier: Apache-2.0
/**
 * The checkpoint image: its manifest, its digests, storing, verified reading.
 *
 * @packageDocumentation
 */
export { checkImageId, isImageId } from './check-image-id.js';
export { BLOCK_BYTES } from './digest/block-digest.js';
export { hashFile, type FileDigest, type HashOptions } from './digest/hash-file.js';
export { encodeManifest, manifestDigest } from './manifest/encode-manifest.js';
export { MANIFEST_VERSION, type ImageFacts, type ImageManifest, type ManifestPart } from './manifest/image-manifest.js';
export { parseManifest } from './manifest/parse-manifest.js';
export { fetchImage } from './store/fetch-image.js';
export type { FetchOptions, ImageReader, PartCallOptions } from './store/image-reader.js';
export { openImage } from './store/open-image.js';
export { storeImage, writeImage, type ImageCallOptions, type WrittenImage } from './store/store-image.js';
export { verifyImage } from './store/verify-image.js';
export { abortError, throwIfAborted, untilAborted } from './stream/until-aborted.js';
