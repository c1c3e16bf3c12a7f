// SPDX-License-Identifier: Apache-2.0
// memory-job MIB FILE: fills its memory (half random, a quarter zeros, a quarter like text) and then appends a line to FILE every 100 ms: 1, 2, …
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static uint64_t state = 88172645463325252u;

static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

static void fill_random(char *at, size_t bytes) {
  uint64_t *words = (uint64_t *)at;
  for (size_t i = 0; i < bytes / sizeof *words; i++) words[i] = next();
}

static void fill_text(char *at, size_t bytes) {
  static const char *const words[] = {"epoch ", "loss ", "tensor ", "step ", "accuracy ", "gradient ", "0.125 ", "batch\n"};
  for (size_t i = 0; i < bytes;) {
    const char *word = words[next() % 8];
    size_t length = strlen(word);
    if (length > bytes - i) length = bytes - i;
    memcpy(at + i, word, length);
    i += length;
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  size_t quarter = (size_t)atol(argv[1]) * 1024 * 1024 / 4;
  char *memory = malloc(quarter * 4);
  int file = open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (memory == NULL || file < 0) return 1;
  fill_random(memory, quarter * 2);
  memset(memory + quarter * 2, 0, quarter);
  fill_text(memory + quarter * 3, quarter);
  struct timespec pause = {0, 100 * 1000 * 1000};
  for (long count = 1;; count++) {
    char line[32];
    int length = snprintf(line, sizeof line, "%ld\n", count);
    if (write(file, line, (size_t)length) != length) return 1;
    memory[next() % (quarter * 4)] ^= 1;
    nanosleep(&pause, NULL);
  }
}
