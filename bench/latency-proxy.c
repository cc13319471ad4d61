/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A TCP proxy that adds latency and, with MBIT, is a link of that many
 * megabits a second, which all connections share:
 *
 *   latency-proxy LISTEN-PORT HOST-PORT MS [MBIT [WINDOW]]
 *
 * The proxy listens on 127.0.0.1:LISTEN-PORT (0: any port; the port is
 * printed), connects to 127.0.0.1:HOST-PORT, and delays each byte by MS
 * milliseconds in each direction, so that a round trip takes 2 x MS longer.
 * The amount of data in flight is limited to WINDOW KiB (or BUFFER_MAX bytes,
 * SHARED_MAX with MBIT) in each direction of each connection.  When this limit
 * is reached the proxy stops reading, like a network with a full window.  Each
 * connection has two threads.  The proxy runs until it is killed by SIGTERM.
 */

#include <config.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_MAX (UINT32_C (32) << 20)
#define SHARED_MAX (UINT32_C (4) << 20)
#define CHUNKS 4096
/* What one connection may send before the next one, and for how long data may
 * wait for the link: what is more waits in the senders.
 */
#define SHARED_CHUNK (UINT32_C (64) << 10)
#define QUEUE_US 2000

static unsigned delay_us;
static uint32_t window = BUFFER_MAX;
static uint16_t server_port;

/* One direction of the link. */
struct link {
  pthread_mutex_t lock;
  double free_us;               /* when all that it was given is sent */
};
static double bytes_per_us;     /* 0: as fast as it can be */
static struct link links[2] = {
  { .lock = PTHREAD_MUTEX_INITIALIZER }, { .lock = PTHREAD_MUTEX_INITIALIZER },
};

struct chunk {
  int64_t due_us;
  uint32_t len;
};

/* One direction of a connection. */
struct pipe_state {
  int from, to;
  struct link *link;
  char *buf;                    /* a ring buffer */
  uint32_t head, used;
  struct chunk chunks[CHUNKS];  /* a ring buffer too */
  unsigned first, n;
  uint32_t sent;                /* bytes of the first chunk */
  bool ended;
};

struct pair {
  int client, server;
};

static int64_t
now_us (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);
  return ts.tv_sec * INT64_C (1000000) + ts.tv_nsec / 1000;
}

/* How long until the link takes more. */
static int64_t
busy_us (struct link *link)
{
  int64_t until;

  if (bytes_per_us == 0)
    return 0;
  pthread_mutex_lock (&link->lock);
  until = (int64_t) link->free_us - QUEUE_US - now_us ();
  pthread_mutex_unlock (&link->lock);
  return until;
}

/* When the last of LEN bytes leaves the link. */
static int64_t
sent_us (struct link *link, size_t len)
{
  int64_t now = now_us ();

  if (bytes_per_us == 0)
    return now;
  pthread_mutex_lock (&link->lock);
  if (link->free_us < (double) now)
    link->free_us = (double) now;
  link->free_us += (double) len / bytes_per_us;
  now = (int64_t) link->free_us;
  pthread_mutex_unlock (&link->lock);
  return now;
}

static void
receive (struct pipe_state *p)
{
  uint32_t room = window - p->used, tail;
  ssize_t n;

  if (p->used == 0)             /* reuse memory that is in the CPU cache */
    p->head = 0;
  tail = (p->head + p->used) % window;
  if (room > window - tail)
    room = window - tail;
  if (bytes_per_us != 0 && room > SHARED_CHUNK)
    room = SHARED_CHUNK;
  n = recv (p->from, p->buf + tail, room, MSG_DONTWAIT);
  if (n == -1 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0) {
    p->ended = true;
    return;
  }
  p->chunks[(p->first + p->n++) % CHUNKS] = (struct chunk) {
    .due_us = sent_us (p->link, (size_t) n) + delay_us,
    .len = (uint32_t) n };
  p->used += (uint32_t) n;
}

/* Send the data that is due.  False: the peer has closed the connection. */
static bool
deliver (struct pipe_state *p)
{
  while (p->n > 0 && p->chunks[p->first].due_us <= now_us ()) {
    uint32_t len = p->chunks[p->first].len - p->sent;
    ssize_t n;

    if (len > window - p->head)
      len = window - p->head;
    n = send (p->to, p->buf + p->head, len, MSG_NOSIGNAL|MSG_DONTWAIT);
    if (n == -1)
      return errno == EAGAIN || errno == EINTR;
    p->head = (p->head + (uint32_t) n) % window;
    p->used -= (uint32_t) n;
    p->sent += (uint32_t) n;
    if (p->sent == p->chunks[p->first].len) {
      p->sent = 0;
      p->first = (p->first + 1) % CHUNKS;
      p->n--;
    }
  }
  return true;
}

static bool
has_room (const struct pipe_state *p)
{
  return !p->ended && p->used < window && p->n < CHUNKS;
}

static void
wait_for (const struct pipe_state *p)
{
  const int64_t wait_us = has_room (p) ? busy_us (p->link) : 0;
  const bool room = has_room (p) && wait_us <= 0;
  int64_t left_us = p->n == 0 ? 1000000
    : p->chunks[p->first].due_us - now_us ();
  struct pollfd pollfds[2] = {
    { .fd = room ? p->from : -1, .events = POLLIN },
    { .fd = left_us <= 0 ? p->to : -1, .events = POLLOUT },
  };
  struct timespec ts;

  if (wait_us > 0 && left_us > wait_us)
    left_us = wait_us;
  ts = (struct timespec) {
    .tv_sec = left_us > 0 ? left_us / 1000000 : 1,
    .tv_nsec = left_us > 0 ? left_us % 1000000 * 1000 : 0,
  };

  ppoll (pollfds, 2, &ts, NULL);
}

static void *
pump (void *data)
{
  struct pipe_state *p = data;

  while (!p->ended || p->n > 0) {
    wait_for (p);
    if (has_room (p) && busy_us (p->link) <= 0)
      receive (p);
    if (!deliver (p))
      break;
  }
  shutdown (p->to, SHUT_WR);
  shutdown (p->from, SHUT_RD);
  free (p->buf);
  free (p);
  return NULL;
}

static bool
start_pump (pthread_t *thread, int from, int to, struct link *link)
{
  struct pipe_state *p = calloc (1, sizeof *p);

  if (p == NULL)
    return false;
  p->buf = malloc (window);
  p->link = link;
  p->from = from;
  p->to = to;
  if (p->buf != NULL && pthread_create (thread, NULL, pump, p) == 0)
    return true;
  free (p->buf);
  free (p);
  return false;
}

static int
connect_server (void)
{
  const struct sockaddr_in addr = {
    .sin_family = AF_INET, .sin_port = htons (server_port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  const int fd = socket (AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0);

  if (fd != -1 &&
      connect (fd, (const struct sockaddr *) &addr, sizeof addr) == -1) {
    close (fd);
    return -1;
  }
  return fd;
}

static void
set_nodelay (int fd)
{
  const int one = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void *
serve (void *data)
{
  struct pair *pair = data;
  pthread_t there, back;
  bool a = false, b = false;

  pair->server = connect_server ();
  if (pair->server != -1) {
    set_nodelay (pair->client);
    set_nodelay (pair->server);
    a = start_pump (&there, pair->client, pair->server, &links[0]);
    b = start_pump (&back, pair->server, pair->client, &links[1]);
  }
  if (!a || !b)
    shutdown (pair->client, SHUT_RDWR);
  if (a)
    pthread_join (there, NULL);
  if (b)
    pthread_join (back, NULL);
  close (pair->client);
  if (pair->server != -1)
    close (pair->server);
  free (pair);
  return NULL;
}

static int
listen_on (uint16_t port)
{
  struct sockaddr_in addr = {
    .sin_family = AF_INET, .sin_port = htons (port),
    .sin_addr.s_addr = htonl (INADDR_LOOPBACK),
  };
  socklen_t len = sizeof addr;
  const int one = 1, fd = socket (AF_INET, SOCK_STREAM|SOCK_CLOEXEC, 0);

  if (fd == -1)
    return -1;
  setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind (fd, (struct sockaddr *) &addr, sizeof addr) == -1 ||
      listen (fd, 128) == -1 ||
      getsockname (fd, (struct sockaddr *) &addr, &len) == -1)
    return -1;
  printf ("%u\n", ntohs (addr.sin_port));
  fflush (stdout);
  return fd;
}

int
main (int argc, char *argv[])
{
  int fd;

  if (argc < 4 || argc > 6) {
    fprintf (stderr,
             "usage: latency-proxy LISTEN-PORT HOST-PORT MS "
             "[MBIT [WINDOW]]\n");
    return 2;
  }
  server_port = (uint16_t) atoi (argv[2]);
  delay_us = (unsigned) (atof (argv[3]) * 1000);
  if (argc > 4) {
    bytes_per_us = atof (argv[4]) / 8;
    window = SHARED_MAX;
  }
  if (argc > 5)
    window = (uint32_t) atoi (argv[5]) << 10;
  fd = listen_on ((uint16_t) atoi (argv[1]));
  if (fd == -1) {
    perror ("latency-proxy");
    return 1;
  }
  for (;;) {
    struct pair *pair = calloc (1, sizeof *pair);
    pthread_t thread;

    if (pair == NULL)
      return 1;
    pair->client = accept4 (fd, NULL, NULL, SOCK_CLOEXEC);
    if (pair->client == -1 ||
        pthread_create (&thread, NULL, serve, pair) != 0) {
      free (pair);
      continue;
    }
    pthread_detach (thread);
  }
}
