// SPDX-License-Identifier: Apache-2.0
// The loops of the codec that are slow in JavaScript. Optional: the same bytes come out without it (see src/codec/plain-work.ts).
// It brings no zstd of its own: it uses the one inside the node binary, the same as node:zlib, but keeps its contexts.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <node_api.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Must be that of native-work.ts; raised with each change of a function's arguments or meaning.
#define ADDON_VERSION 1

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "only for machines that store the least byte first"
#endif

// Of zstd's stable interface.
enum { C_COMPRESSION_LEVEL = 100, C_HASH_LOG = 102, C_MIN_MATCH = 105 };

typedef struct {
  void *(*create_cctx)(void);
  size_t (*free_cctx)(void *);
  size_t (*set_parameter)(void *, int, int);
  size_t (*compress)(void *, void *, size_t, const void *, size_t);
  void *(*create_dctx)(void);
  size_t (*free_dctx)(void *);
  size_t (*decompress)(void *, void *, size_t, const void *, size_t);
  unsigned (*is_error)(size_t);
  const char *(*version)(void);
} zstd_functions;

// One for each thread that loads the addon.
typedef struct {
  zstd_functions zstd;
  int has_zstd;
  void *cctx;
  void *dctx;
  uint8_t *room;
  size_t room_length;
} thread_state;

typedef struct {
  uint8_t *data;
  size_t length;
} bytes;

static napi_value fail(napi_env env, const char *message) {
  napi_throw_error(env, NULL, message);
  return NULL;
}

static int get_bytes(napi_env env, napi_value value, bytes *out) {
  napi_typedarray_type type;
  void *data;
  if (napi_get_typedarray_info(env, value, &type, &out->length, &data, NULL, NULL) != napi_ok) return 0;
  out->data = data;
  return type == napi_uint8_array;
}

static int get_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *values) {
  size_t given = count;
  return napi_get_cb_info(env, info, &given, values, NULL, NULL) == napi_ok && given == count;
}

static thread_state *state_of(napi_env env) {
  void *state = NULL;
  napi_get_instance_data(env, &state);
  return state;
}

static napi_value number(napi_env env, uint32_t value) {
  napi_value result = NULL;
  napi_create_uint32(env, value, &result);
  return result;
}

// compress(data, level, hashLog, minMatch, target): bytes of the frame, 0 when it does not fit. 0 leaves hashLog and minMatch to zstd.
static napi_value compress(napi_env env, napi_callback_info info) {
  static const int names[3] = {C_COMPRESSION_LEVEL, C_HASH_LOG, C_MIN_MATCH};
  napi_value values[5];
  bytes data, target;
  thread_state *state = state_of(env);
  if (!get_arguments(env, info, 5, values) || !get_bytes(env, values[0], &data) || !get_bytes(env, values[4], &target) ||
      state == NULL || !state->has_zstd)
    return fail(env, "compress: wrong arguments");
  const zstd_functions *zstd = &state->zstd;
  if (state->cctx == NULL) state->cctx = zstd->create_cctx();
  if (state->cctx == NULL) return fail(env, "compress: no memory");
  for (int i = 0; i < 3; i++) {
    int32_t value;
    if (napi_get_value_int32(env, values[i + 1], &value) != napi_ok ||
        zstd->is_error(zstd->set_parameter(state->cctx, names[i], value)))
      return fail(env, "compress: wrong parameters");
  }
  // Always with the same room as in plain-work: where it is scarce, zstd makes another frame or none.
  size_t room = data.length + (data.length >> 8) + 1024;
  if (state->room_length < room) {
    free(state->room);
    state->room = malloc(room);
    state->room_length = state->room == NULL ? 0 : room;
    if (state->room == NULL) return fail(env, "compress: no memory");
  }
  size_t size = zstd->compress(state->cctx, state->room, room, data.data, data.length);
  if (!zstd->is_error(size) && size <= target.length) memcpy(target.data, state->room, size);
  else size = 0;
  return number(env, (uint32_t)size);
}

// decompress(frame, target): bytes of its content; another number than any when it is damaged or does not fit.
static napi_value decompress(napi_env env, napi_callback_info info) {
  napi_value values[2];
  bytes frame, target;
  thread_state *state = state_of(env);
  if (!get_arguments(env, info, 2, values) || !get_bytes(env, values[0], &frame) || !get_bytes(env, values[1], &target) ||
      state == NULL || !state->has_zstd)
    return fail(env, "decompress: wrong arguments");
  const zstd_functions *zstd = &state->zstd;
  if (state->dctx == NULL) state->dctx = zstd->create_dctx();
  if (state->dctx == NULL) return fail(env, "decompress: no memory");
  size_t size = zstd->decompress(state->dctx, target.data, target.length, frame.data, frame.length);
  return number(env, zstd->is_error(size) ? UINT32_MAX : (uint32_t)size);
}

static int fits(size_t data, uint32_t word, size_t top, size_t rest) {
  return (word == 2 || word == 4) && top == data / word && rest == data - top;
}

static uint64_t load8(const uint8_t *at) {
  uint64_t value;
  memcpy(&value, at, 8);
  return value;
}

// Two words at a time. Each store writes two bytes too many, which the next one overwrites; so the last words are done singly.
static void split4(const uint8_t *restrict data, size_t words, uint8_t *restrict top, uint8_t *restrict rest) {
  size_t i = 0;
  for (; i + 4 <= words; i += 2) {
    uint64_t pair = load8(data + 4 * i);
    uint64_t low = (pair & 0xffffff) | ((pair >> 8) & 0xffffff000000);
    memcpy(rest + 3 * i, &low, 8);
    top[i] = (uint8_t)(pair >> 24);
    top[i + 1] = (uint8_t)(pair >> 56);
  }
  for (; i < words; i++) {
    memcpy(rest + 3 * i, data + 4 * i, 3);
    top[i] = data[4 * i + 3];
  }
}

static void join4(const uint8_t *restrict top, const uint8_t *restrict rest, size_t words, uint8_t *restrict data) {
  size_t i = 0;
  for (; i + 4 <= words; i += 2) {
    uint64_t low = load8(rest + 3 * i);
    uint64_t pair = (low & 0xffffff) | ((low & 0xffffff000000) << 8) | ((uint64_t)top[i] << 24) | ((uint64_t)top[i + 1] << 56);
    memcpy(data + 4 * i, &pair, 8);
  }
  for (; i < words; i++) {
    memcpy(data + 4 * i, rest + 3 * i, 3);
    data[4 * i + 3] = top[i];
  }
}

static void split2(const uint8_t *restrict data, size_t words, uint8_t *restrict top, uint8_t *restrict rest) {
  for (size_t i = 0; i < words; i++) {
    rest[i] = data[2 * i];
    top[i] = data[2 * i + 1];
  }
}

static void join2(const uint8_t *restrict top, const uint8_t *restrict rest, size_t words, uint8_t *restrict data) {
  for (size_t i = 0; i < words; i++) {
    data[2 * i] = rest[i];
    data[2 * i + 1] = top[i];
  }
}

// split(data, word, top, rest): see splitWords.
static napi_value split(napi_env env, napi_callback_info info) {
  napi_value values[4];
  bytes data, top, rest;
  uint32_t word;
  if (!get_arguments(env, info, 4, values) || !get_bytes(env, values[0], &data) ||
      napi_get_value_uint32(env, values[1], &word) != napi_ok || !get_bytes(env, values[2], &top) ||
      !get_bytes(env, values[3], &rest) || !fits(data.length, word, top.length, rest.length))
    return fail(env, "split: wrong arguments");
  if (word == 4) split4(data.data, top.length, top.data, rest.data);
  else split2(data.data, top.length, top.data, rest.data);
  size_t done = top.length * word;
  if (done < data.length) memcpy(rest.data + done - top.length, data.data + done, data.length - done);
  return NULL;
}

// join(top, rest, word, data): see joinWords.
static napi_value join(napi_env env, napi_callback_info info) {
  napi_value values[4];
  bytes data, top, rest;
  uint32_t word;
  if (!get_arguments(env, info, 4, values) || !get_bytes(env, values[0], &top) || !get_bytes(env, values[1], &rest) ||
      napi_get_value_uint32(env, values[2], &word) != napi_ok || !get_bytes(env, values[3], &data) ||
      !fits(data.length, word, top.length, rest.length))
    return fail(env, "join: wrong arguments");
  if (word == 4) join4(top.data, rest.data, top.length, data.data);
  else join2(top.data, rest.data, top.length, data.data);
  size_t done = top.length * word;
  if (done < data.length) memcpy(data.data + done, rest.data + done - top.length, data.length - done);
  return NULL;
}

#if defined(__x86_64__)
#include <immintrin.h>

// CRC-32 (that of zip) a bit at a time, on its inner state.
static uint32_t crc_of_few(uint32_t state, const uint8_t *data, size_t length) {
  for (size_t i = 0; i < length; i++) {
    state ^= data[i];
    for (int bit = 0; bit < 8; bit++) state = (state >> 1) ^ (0xedb88320 & (0 - (state & 1)));
  }
  return state;
}

__attribute__((target("pclmul,sse4.1"))) static __m128i fold(__m128i sum, __m128i factors, __m128i next) {
  __m128i low = _mm_clmulepi64_si128(sum, factors, 0x00), high = _mm_clmulepi64_si128(sum, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), next);
}

// Multiplies what was seen by the powers of x that stand for the bytes behind it, 64 at a time, until 16 bytes with the same rest are left:
// five times as fast as zlib's. Takes at least 64 bytes.
__attribute__((target("pclmul,sse4.1"))) static uint32_t crc_of_many(uint32_t state, const uint8_t *data, size_t length) {
  const __m128i by_64 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4), by_16 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
  const __m128i *from = (const __m128i *)data;
  __m128i sums[4];
  for (int i = 0; i < 4; i++) sums[i] = _mm_loadu_si128(from++);
  sums[0] = _mm_xor_si128(sums[0], _mm_cvtsi32_si128((int)state));
  for (length -= 64; length >= 64; length -= 64)
    for (int i = 0; i < 4; i++) sums[i] = fold(sums[i], by_64, _mm_loadu_si128(from++));
  __m128i sum = sums[0];
  for (int i = 1; i < 4; i++) sum = fold(sum, by_16, sums[i]);
  for (; length >= 16; length -= 16) sum = fold(sum, by_16, _mm_loadu_si128(from++));
  uint8_t last[16];
  _mm_storeu_si128((__m128i *)last, sum);
  return crc_of_few(crc_of_few(0, last, sizeof last), (const uint8_t *)from, length);
}

// crc32(data, before): the CRC-32 of what came before and the data.
static napi_value crc32(napi_env env, napi_callback_info info) {
  napi_value values[2];
  bytes data;
  uint32_t before;
  if (!get_arguments(env, info, 2, values) || !get_bytes(env, values[0], &data) ||
      napi_get_value_uint32(env, values[1], &before) != napi_ok)
    return fail(env, "crc32: wrong arguments");
  return number(env, ~(data.length < 64 ? crc_of_few : crc_of_many)(~before, data.data, data.length));
}
#endif

static int find_zstd(zstd_functions *zstd) {
  struct {
    const char *name;
    void *slot;
  } wanted[] = {
      {"ZSTD_createCCtx", &zstd->create_cctx},   {"ZSTD_freeCCtx", &zstd->free_cctx},
      {"ZSTD_CCtx_setParameter", &zstd->set_parameter}, {"ZSTD_compress2", &zstd->compress},
      {"ZSTD_createDCtx", &zstd->create_dctx},   {"ZSTD_freeDCtx", &zstd->free_dctx},
      {"ZSTD_decompressDCtx", &zstd->decompress}, {"ZSTD_isError", &zstd->is_error},
      {"ZSTD_versionString", &zstd->version},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    void *symbol = dlsym(RTLD_DEFAULT, wanted[i].name);
    if (symbol == NULL) return 0;
    memcpy(wanted[i].slot, &symbol, sizeof symbol);
  }
  return 1;
}

static void end_thread(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  thread_state *state = data;
  if (state->cctx != NULL) state->zstd.free_cctx(state->cctx);
  if (state->dctx != NULL) state->zstd.free_dctx(state->dctx);
  free(state->room);
  free(state);
}

static void set_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok)
    napi_set_named_property(env, exports, name, function);
}

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  thread_state *state = calloc(1, sizeof *state);
  if (state == NULL) return exports;
  state->has_zstd = find_zstd(&state->zstd);
  if (napi_set_instance_data(env, state, end_thread, NULL) != napi_ok) {
    free(state);
    return exports;
  }
  napi_value zstd;
  if (state->has_zstd && napi_create_string_utf8(env, state->zstd.version(), NAPI_AUTO_LENGTH, &zstd) == napi_ok)
    napi_set_named_property(env, exports, "zstd", zstd);
  napi_set_named_property(env, exports, "version", number(env, ADDON_VERSION));
  set_function(env, exports, "compress", compress);
  set_function(env, exports, "decompress", decompress);
  set_function(env, exports, "split", split);
  set_function(env, exports, "join", join);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1")) set_function(env, exports, "crc32", crc32);
#endif
  return exports;
}
