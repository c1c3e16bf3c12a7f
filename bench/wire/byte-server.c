// SPDX-License-Identifier: Apache-2.0
// byte-server [CERTIFICATE KEY]: gives and drops bytes over HTTP as fast as it can: what is left is the cost of the client. With a
// certificate, and OpenSSL compiled in (-DTLS), over TLS. Prints its port, a thread for each connection, ends when its stdin does. GET
// answers the range that is asked for, PUT takes Content-Length bytes; nothing else is read.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef TLS
#include <openssl/ssl.h>
#else
typedef void SSL;
#define SSL_read(tls, bytes, count) -1
#define SSL_write(tls, bytes, count) -1
#endif

enum { BLOCK = 1 << 20, HEAD = 1 << 16 };

typedef struct {
  int socket;
  SSL *tls;
} peer_t;

static char zeros[BLOCK];
#ifdef TLS
static SSL_CTX *context;
#endif

static ssize_t take(const peer_t *peer, char *bytes, size_t count) {
  return peer->tls ? SSL_read(peer->tls, bytes, (int)count) : read(peer->socket, bytes, count);
}

static int give(const peer_t *peer, const char *bytes, size_t count) {
  for (size_t done = 0; done < count;) {
    ssize_t n = peer->tls ? SSL_write(peer->tls, bytes + done, (int)(count - done))
                          : send(peer->socket, bytes + done, count - done, MSG_NOSIGNAL);
    if (n <= 0) return -1;
    done += n;
  }
  return 0;
}

static long long number_after(const char *head, const char *name) {
  const char *at = strcasestr(head, name);
  return at ? atoll(at + strlen(name)) : -1;
}

static int answer(const peer_t *peer, const char *head, long long have, char *sink) {
  char text[256];
  if (strncmp(head, "GET", 3) == 0) {
    long long start = number_after(head, "range: bytes="), end = -1;
    const char *dash = strcasestr(head, "range: bytes=");
    if (dash && (dash = strchr(dash, '-'))) end = atoll(dash + 1);
    if (start < 0 || end < start) return -1;
    long long size = end - start + 1;
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 206 Partial Content\r\nContent-Length: %lld\r\n"
                          "Content-Range: bytes %lld-%lld/1099511627776\r\nETag: \"e\"\r\n\r\n",
                          size, start, end);
    if (give(peer, text, length)) return -1;
    for (; size > 0; size -= BLOCK)
      if (give(peer, zeros, size < BLOCK ? size : BLOCK)) return -1;
    return 0;
  }
  long long left = number_after(head, "content-length: ") - have;
  if (strcasestr(head, "expect: 100-continue") && give(peer, "HTTP/1.1 100 Continue\r\n\r\n", 25)) return -1;
  while (left > 0) {
    ssize_t n = take(peer, sink, left < BLOCK ? left : BLOCK);
    if (n <= 0) return -1;
    left -= n;
  }
  static const char done[] = "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nContent-Length: 0\r\n\r\n";
  return give(peer, done, sizeof done - 1);
}

static void *serve(void *argument) {
  peer_t peer = {(int)(long)argument, NULL};
  int filled = 0, one = 1, ready = 1;
  char *head = malloc(HEAD + 1), *sink = malloc(BLOCK);
  setsockopt(peer.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
#ifdef TLS
  if (context) {
    peer.tls = SSL_new(context);
    SSL_set_fd(peer.tls, peer.socket);
    ready = SSL_accept(peer.tls) == 1;
  }
#endif
  for (ssize_t n; ready && filled < HEAD && (n = take(&peer, head + filled, HEAD - filled)) > 0;) {
    filled += n;
    head[filled] = 0;
    char *end = strstr(head, "\r\n\r\n");
    if (!end) continue;
    *end = 0;
    if (answer(&peer, head, filled - (end + 4 - head), sink)) break;
    filled = 0;
  }
#ifdef TLS
  SSL_free(peer.tls);
#endif
  close(peer.socket);
  free(head);
  free(sink);
  return NULL;
}

static void *watch(void *unused) {
  char byte;
  while (read(0, &byte, 1) > 0);
  exit(0);
  return unused;
}

int main(int count, char **arguments) {
  signal(SIGPIPE, SIG_IGN);
  if (count == 3) {
#ifdef TLS
    context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_file(context, arguments[1], SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, arguments[2], SSL_FILETYPE_PEM) != 1)
      return 1;
#else
    fprintf(stderr, "%s: compiled without TLS\n", arguments[0]);
    return 1;
#endif
  }
  int server = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(server, (struct sockaddr *)&address, size) || listen(server, 64)) return 1;
  getsockname(server, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  pthread_t thread;
  pthread_create(&thread, NULL, watch, NULL);
  for (int peer; (peer = accept(server, NULL, NULL)) >= 0;) {
    pthread_create(&thread, NULL, serve, (void *)(long)peer);
    pthread_detach(thread);
  }
  return 0;
}
