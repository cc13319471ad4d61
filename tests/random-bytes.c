/* SPDX-License-Identifier: GPL-2.0-or-later */

/*     random-bytes SEED...
 *
 * Random bytes without end (splitmix64), the same for the same words: the
 * disks of a test that failed can be made again.  Nobody reads them: the end.
 */

#include <config.h>

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

/* FNV-1a */
static uint64_t
hash (int argc, char *argv[])
{
  uint64_t h = UINT64_C (0xcbf29ce484222325);

  for (int i = 1; i < argc; i++)
    for (const char *p = argv[i]; ; p++) {
      h = (h ^ (unsigned char) *p) * UINT64_C (0x100000001b3);
      if (*p == '\0')
        break;
    }
  return h;
}

static uint64_t
next (uint64_t *state)
{
  uint64_t z = *state += UINT64_C (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * UINT64_C (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

int
main (int argc, char *argv[])
{
  static uint64_t block[8192];
  uint64_t state = hash (argc, argv);

  signal (SIGPIPE, SIG_IGN);
  do
    for (size_t i = 0; i < sizeof block / sizeof block[0]; i++)
      block[i] = next (&state);
  while (write (STDOUT_FILENO, block, sizeof block) == sizeof block);
  return 0;
}
