// SPDX-License-Identifier: Apache-2.0
// A CUDA program that needs the driver and nothing else (libcuda.so.1, loaded when it runs; no nvcc, no toolkit).
//
//   count MIB STEPS PAUSE_MS [SPIN_MS]
//
// Fills MIB of device memory with a pattern. Step N adds N to every word there, reads all of it back, compares each
// word with what it must be, and prints "step N checksum C". SPIN_MS: before each addition the GPU is kept busy for so
// long, and "busy N" is printed as soon as it is. STEPS 0: for ever. On the simulated GPU, which runs no code, the addition is its simAdd.
#define _DEFAULT_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PIECE_WORDS (1u << 20)
#define SPREAD 2654435761u
#define THREADS 256u

typedef uint64_t device_pointer;

// An old target on purpose: each driver since compiles it for the GPU that it has.
static const char ptx[] =
  ".version 6.0\n"
  ".target sm_50\n"
  ".address_size 64\n"
  ".visible .entry add_k(.param .u64 p, .param .u64 n, .param .u32 k)\n"
  "{\n"
  ".reg .pred %over;\n"
  ".reg .b32 %block, %size, %thread, %add, %word;\n"
  ".reg .b64 %i, %t, %count, %at;\n"
  "mov.u32 %block, %ctaid.x;\n"
  "mov.u32 %size, %ntid.x;\n"
  "mov.u32 %thread, %tid.x;\n"
  "mul.wide.u32 %i, %block, %size;\n"
  "cvt.u64.u32 %t, %thread;\n"
  "add.u64 %i, %i, %t;\n"
  "ld.param.u64 %count, [n];\n"
  "setp.ge.u64 %over, %i, %count;\n"
  "@%over bra DONE;\n"
  "ld.param.u64 %at, [p];\n"
  "cvta.to.global.u64 %at, %at;\n"
  "shl.b64 %i, %i, 2;\n"
  "add.u64 %at, %at, %i;\n"
  "ld.param.u32 %add, [k];\n"
  "ld.global.u32 %word, [%at];\n"
  "add.u32 %word, %word, %add;\n"
  "st.global.u32 [%at], %word;\n"
  "DONE:\n"
  "ret;\n"
  "}\n"
  ".visible .entry spin(.param .u64 ns)\n"
  "{\n"
  ".reg .pred %early;\n"
  ".reg .b64 %start, %now, %wanted;\n"
  "ld.param.u64 %wanted, [ns];\n"
  "mov.u64 %start, %globaltimer;\n"
  "AGAIN:\n"
  "mov.u64 %now, %globaltimer;\n"
  "sub.u64 %now, %now, %start;\n"
  "setp.lt.u64 %early, %now, %wanted;\n"
  "@%early bra AGAIN;\n"
  "ret;\n"
  "}\n";

static void *driver;
static void *add_kernel, *spin_kernel;

static void *find(const char *name) {
  return dlsym(driver, name);
}

static void *need(const char *name) {
  void *found = find(name);
  if (!found) {
    fprintf(stderr, "libcuda.so.1 has no %s\n", name);
    exit(2);
  }
  return found;
}

static const char *name_of(int result) {
  const char *name = NULL;
  int (*get_name)(int, const char **) = (int (*)(int, const char **))find("cuGetErrorName");
  if (get_name) get_name(result, &name);
  return name ? name : "unknown";
}

static void must(const char *call, int result) {
  if (result == 0) return;
  fprintf(stderr, "%s: %s (%d)\n", call, name_of(result), result);
  exit(2);
}

#define CALL(name, types, ...) must(#name, ((int (*) types)need(#name)) (__VA_ARGS__))

static void load_kernels(void) {
  int (*load)(void **, const void *, unsigned, int *, void **) =
    (int (*)(void **, const void *, unsigned, int *, void **))need("cuModuleLoadDataEx");
  static char log[8192];
  int options[] = {5, 6}; // CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
  void *values[] = {log, (void *)(uintptr_t)(sizeof log - 1)};
  void *module = NULL;
  int result = load(&module, ptx, 2, options, values);
  if (log[0]) fprintf(stderr, "PTX: %s\n", log);
  must("cuModuleLoadDataEx", result);
  CALL(cuModuleGetFunction, (void **, void *, const char *), &add_kernel, module, "add_k");
  CALL(cuModuleGetFunction, (void **, void *, const char *), &spin_kernel, module, "spin");
}

static void launch(void *kernel, unsigned blocks, unsigned threads, void **arguments) {
  CALL(cuLaunchKernel,
       (void *, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **),
       kernel, blocks, 1, 1, threads, 1, 1, 0, NULL, arguments, NULL);
}

static void add(device_pointer memory, uint64_t words, uint32_t k, uint64_t spin_ns) {
  int (*sim_add)(device_pointer, size_t, unsigned) = (int (*)(device_pointer, size_t, unsigned))find("simAdd");
  if (sim_add) {
    must("simAdd", sim_add(memory, words, k));
    return;
  }
  if (spin_ns) launch(spin_kernel, 1, 1, (void *[]){&spin_ns});
  launch(add_kernel, (unsigned)((words + THREADS - 1) / THREADS), THREADS, (void *[]){&memory, &words, &k});
}

static void say_device(int device) {
  unsigned char id[16];
  char name[128] = "";
  int (*get_uuid)(void *, int) = (int (*)(void *, int))find("cuDeviceGetUuid_v2");
  if (!get_uuid) get_uuid = (int (*)(void *, int))need("cuDeviceGetUuid");
  must("cuDeviceGetUuid", get_uuid(id, device));
  CALL(cuDeviceGetName, (char *, int, int), name, (int)sizeof name - 1, device);
  printf("gpu GPU-");
  for (int i = 0; i < 16; i++) printf("%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", id[i]);
  printf(" %s\n", name);
  fflush(stdout);
}

static void rest(unsigned milliseconds) {
  struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
  if (milliseconds) nanosleep(&time, NULL);
}

int main(int argc, char **argv) {
  if (argc < 4) {
    fprintf(stderr, "count MIB STEPS PAUSE_MS [SPIN_MS]\n");
    return 2;
  }
  uint64_t words = strtoull(argv[1], NULL, 10) * (1048576 / sizeof(uint32_t));
  uint32_t steps = (uint32_t)strtoul(argv[2], NULL, 10);
  unsigned pause_ms = (unsigned)strtoul(argv[3], NULL, 10);
  uint64_t spin_ns = (argc > 4 ? strtoull(argv[4], NULL, 10) : 0) * 1000000;
  uint32_t *piece = malloc(PIECE_WORDS * sizeof *piece);
  driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_GLOBAL);
  if (!driver || !piece || !words) {
    fprintf(stderr, "cannot start: %s\n", driver ? "no memory asked for, or none there" : dlerror());
    return 2;
  }

  int device;
  void *context;
  device_pointer memory;
  CALL(cuInit, (unsigned), 0);
  CALL(cuDeviceGet, (int *, int), &device, 0);
  CALL(cuDevicePrimaryCtxRetain, (void **, int), &context, device);
  CALL(cuCtxSetCurrent, (void *), context);
  say_device(device);
  CALL(cuMemAlloc_v2, (device_pointer *, size_t), &memory, words * sizeof *piece);
  if (!find("simAdd")) load_kernels();

  for (uint64_t start = 0; start < words; start += PIECE_WORDS) {
    uint64_t length = words - start < PIECE_WORDS ? words - start : PIECE_WORDS;
    for (uint64_t i = 0; i < length; i++) piece[i] = (uint32_t)(start + i) * SPREAD + 1;
    CALL(cuMemcpyHtoD_v2, (device_pointer, const void *, size_t), memory + start * 4, piece, length * 4);
  }

  uint32_t added = 0;
  for (uint32_t step = 1; steps == 0 || step <= steps; step++) {
    add(memory, words, step, spin_ns);
    if (spin_ns) printf("busy %u\n", step);
    fflush(stdout);
    CALL(cuCtxSynchronize, (void));
    added += step;
    uint32_t checksum = 0;
    for (uint64_t start = 0; start < words; start += PIECE_WORDS) {
      uint64_t length = words - start < PIECE_WORDS ? words - start : PIECE_WORDS, wrong = 0;
      CALL(cuMemcpyDtoH_v2, (void *, device_pointer, size_t), piece, memory + start * 4, length * 4);
      // Once more the first word: a square of words added up would give the same checksum in every step.
      if (start == 0) checksum = piece[0];
      for (uint64_t i = 0; i < length; i++) {
        checksum += piece[i] * (2 * (uint32_t)(start + i) + 1);
        wrong += piece[i] != (uint32_t)(start + i) * SPREAD + 1 + added;
      }
      if (wrong) {
        printf("wrong: %llu words of the piece at word %llu in step %u\n", (unsigned long long)wrong,
               (unsigned long long)start, step);
        fflush(stdout);
        return 3;
      }
    }
    printf("step %u checksum %08x\n", step, checksum);
    fflush(stdout);
    rest(pause_ms);
  }
  printf("done\n");
  return 0;
}
