// SPDX-License-Identifier: Apache-2.0
/**
 * The checkpoint image: its manifest, packing and storing it, verified reading.
 *
 * @packageDocumentation
 */
export { checkImageId, isImageId } from './check-image-id.js';
export { CODEC } from './codec/codec-ids.js';
export { crc32 } from './codec/crc32.js';
export { dataPlaneFacts, type DataPlaneFacts } from './codec/data-plane-facts.js';
export type { ImageKeys } from './crypto/image-keys.js';
export { keyRing, type KeyRingOptions } from './crypto/key-ring.js';
export { manifestForStore } from './crypto/manifest-for-store.js';
export { parseKey } from './crypto/parse-key.js';
export { withKeys } from './crypto/with-keys.js';
export { imageKeyId, rekeyImage, type Rekeyed } from './crypto/rekey-image.js';
export { SEAL_BYTES } from './crypto/sealed-bytes.js';
export { NO_PACK, ROW_BYTES, readRow, type ChunkRow } from './format/chunk-row.js';
export { dataBytes } from './format/data-bytes.js';
export { encodeManifest, manifestDigest } from './format/encode-manifest.js';
export {
  MANIFEST_VERSION,
  type HashName,
  type ImageFacts,
  type ImageManifest,
  type ManifestPack,
  type ManifestPart,
} from './format/image-manifest.js';
export { packObject, TABLE_OBJECT } from './format/object-names.js';
export { parseManifest } from './format/parse-manifest.js';
export { bootId } from './io/boot-id.js';
export type { ImageCallOptions } from './image-call-options.js';
export { DEFAULT_LIMITS, type PackLimits } from './pack/pack-limits.js';
export type { Compression } from './pack/pack-request.js';
export type { KnownChunks, KnownPack, KnownTable } from './pack/known-chunks.js';
export type { PackedImage, UsedPack } from './pack/packed-image.js';
export type { PackedKeys } from './pack/packed-keys.js';
export { Packer, type PackerOptions } from './pack/packer.js';
export { fetchImage } from './read/fetch-image.js';
export type { FetchOptions, ImageReader } from './read/image-reader.js';
export { openImage } from './read/open-image.js';
export { verifyImage, type VerifyOptions } from './read/verify-image.js';
export { allOrStop } from './stream/all-or-stop.js';
export { abortError, orAborted, throwIfAborted, untilAborted } from './stream/until-aborted.js';
export { commitPacked, type CommitPackedOptions } from './write/commit-packed.js';
export { findWritten, isSameCheckpoint } from './write/find-written.js';
export { knownPacks, type KnownImage, type KnownPacksOptions } from './write/known-packs.js';
export { loadPacked, savePacked } from './write/saved-packed.js';
export { planRepack, type RepackPlan } from './write/plan-repack.js';
export { repackImage, type RepackOptions } from './write/repack-image.js';
export { storeImage, type StoreOptions } from './write/store-image.js';
export type { WrittenImage } from './write/written-image.js';
