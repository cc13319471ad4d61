/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A read that is given up: the answer that comes later must not be written to
 * its buffer, which may be gone by then.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "io/nbd-conn.h"

int
main (void)
{
  char *argv[] = {
    "nbdkit", "--exit-with-parent", "eval", "get_size=echo 1M",
    "pread=sleep 0.5; head -c $3 /dev/zero", NULL,
  };
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct nbd_handle *h = nbd_create ();
  struct nbd_wait wait = { .wake_fd = -1, .deadline_ms = clock_ms () + 50 };
  char buf[512];

  assert (h != NULL);
  if (nbd_connect_systemd_socket_activation (h, argv) == -1) {
    printf ("nbdkit or its plugin eval is missing: %s\n", nbd_get_error ());
    nbd_close (h);
    return 77;
  }
  assert (nbd_conn_pread (h, buf, sizeof buf, 0, &wait, &err) == -1);
  assert (wait.timed_out);
  memset (buf, 'x', sizeof buf);
  nbd_conn_drop (&h);
  nbd_conn_leave (&h);
  for (size_t i = 0; i < sizeof buf; i++)
    assert (buf[i] == 'x');
  return 0;
}
