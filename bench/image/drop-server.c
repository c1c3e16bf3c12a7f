// SPDX-License-Identifier: Apache-2.0
// A page server that takes the pages of one dump and drops them: what a dump costs with a sink that costs nothing.
// Prints its port, serves one connection, ends. For the 32-byte headers of CRIU 4.2 and later.
#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { OPEN2 = 4, ADD_F = 6, PRESENT = 4 };

struct header {
  uint32_t cmd, pad;
  uint64_t pages, address, id;
};

static char buffer[1 << 20];

static int take(int peer, void *target, size_t bytes) {
  for (size_t done = 0; done < bytes;) {
    ssize_t n = read(peer, (char *)target + done, bytes - done);
    if (n <= 0) return -1;
    done += n;
  }
  return 0;
}

static int drop(int peer, uint64_t bytes) {
  while (bytes > 0) {
    ssize_t n = read(peer, buffer, bytes < sizeof buffer ? bytes : sizeof buffer);
    if (n <= 0) return -1;
    bytes -= n;
  }
  return 0;
}

int main(void) {
  int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(server, (struct sockaddr *)&address, size) || listen(server, 1)) return 1;
  getsockname(server, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int peer = accept(server, NULL, NULL);
  struct header header;
  while (take(peer, &header, sizeof header) == 0) {
    uint32_t cmd = header.cmd & 0xffff, flags = header.cmd >> 16;
    if (cmd == OPEN2 && write(peer, "", 1) != 1) return 1;
    if (cmd == ADD_F && (flags & PRESENT) && drop(peer, header.pages * 4096)) return 1;
    if (cmd >= 0x1000 && write(peer, "\0\0\0", 4) != 4) return 1;
  }
  return 0;
}
