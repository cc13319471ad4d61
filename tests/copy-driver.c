/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The copy engine as a command, for tests and measurements.
 *
 *   copy-driver [--parallel N] [--retries N] [--stall S] [--verbose]
 *               --base URI [--overlay URI] --size BYTES
 *               [--limits FIRST:MAX:IN_FLIGHT:FIRST_KIB:MAX_KIB]
 *               [--range OFFSET:LENGTH ...]
 *               [--host NAME] [--zero auto|write|discard|skip]
 *               --file PATH | --preallocated PATH | --device PATH |
 *               --nbd URI | --nbd-new URI | --null     [--base URI ...]
 *
 * The target ends the description of a disk.  What was done is printed on
 * stdout, one line for each disk; an error is "reason: message" on stderr
 * and exit status 1, a signal 128+N.
 */

#include <config.h>

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cleanup.h"
#include "copy.h"
#include "error.h"
#include "events.h"
#include "supervisor.h"
#include "target.h"

#define DISKS_MAX 16

struct driver {
  struct copy_disk disks[DISKS_MAX];
  unsigned n;
  struct copy_ranges ranges[DISKS_MAX];
  struct copy_settings settings;
  enum target_zero zero;
  bool verbose;
  uint64_t done, total;         /* of the last event on the whole run */
  unsigned events;
};

static const struct copy_limits default_limits = {
  .first_connections = 2, .max_connections = 8, .max_in_flight = 16,
  .first_request = 256 << 10, .max_request = 4 << 20,
};

static void
handle_event (void *data, const struct event *event)
{
  struct driver *driver = data;

  if (event->type == EVENT_PROGRESS && event->disk == -1) {
    driver->done = event->progress.done;
    driver->total = event->progress.total;
    driver->events++;
  }
  if (!driver->verbose)
    return;
  if (event->type == EVENT_PROGRESS)
    fprintf (stderr, "progress: disk %d: %" PRIu64 "/%" PRIu64
             " read %" PRIu64 " rate %" PRIu64 " eta %" PRId64 "\n",
             event->disk, event->progress.done, event->progress.total,
             event->progress.read, event->progress.rate,
             event->progress.eta_s);
  else if (event->text != NULL)
    fprintf (stderr, "disk %d: %s\n", event->disk, event->text);
}

static int
fail (const struct error *err, int status)
{
  fprintf (stderr, "%s: %s\n", reason_name (err->reason), err->message);
  return status;
}

static int
usage (const char *what)
{
  fprintf (stderr, "copy-driver: wrong usage: %s\n", what);
  return 2;
}

static bool
parse_limits (const char *str, struct copy_limits *ret)
{
  unsigned first_kib, max_kib;

  if (sscanf (str, "%u:%u:%u:%u:%u", &ret->first_connections,
              &ret->max_connections, &ret->max_in_flight, &first_kib,
              &max_kib) != 5)
    return false;
  ret->first_request = first_kib << 10;
  ret->max_request = max_kib << 10;
  return true;
}

static bool
add_range (struct driver *driver, const char *str)
{
  struct copy_ranges *ranges = &driver->ranges[driver->n];
  struct copy_range range;

  if (sscanf (str, "%" SCNu64 ":%" SCNu64, &range.offset, &range.len) != 2)
    return false;
  driver->disks[driver->n].ranges = ranges;
  return copy_ranges_append (ranges, range) == 0;
}

static bool
parse_zero (const char *str, enum target_zero *ret)
{
  static const char *const names[] = { "auto", "write", "discard", "skip" };

  for (unsigned i = 0; i < ARRAY_LEN (names); i++)
    if (strcmp (str, names[i]) == 0) {
      *ret = (enum target_zero) i;
      return true;
    }
  return false;
}

enum {
  OPT_PARALLEL = 256, OPT_RETRIES, OPT_STALL, OPT_VERBOSE, OPT_BASE,
  OPT_OVERLAY, OPT_SIZE, OPT_LIMITS, OPT_HOST, OPT_ZERO, OPT_FILE,
  OPT_PREALLOCATED, OPT_DEVICE, OPT_RANGE, OPT_NBD, OPT_NBD_NEW, OPT_NULL,
};

static const struct option options[] = {
  { "parallel", required_argument, NULL, OPT_PARALLEL },
  { "retries", required_argument, NULL, OPT_RETRIES },
  { "stall", required_argument, NULL, OPT_STALL },
  { "verbose", no_argument, NULL, OPT_VERBOSE },
  { "base", required_argument, NULL, OPT_BASE },
  { "overlay", required_argument, NULL, OPT_OVERLAY },
  { "size", required_argument, NULL, OPT_SIZE },
  { "limits", required_argument, NULL, OPT_LIMITS },
  { "host", required_argument, NULL, OPT_HOST },
  { "zero", required_argument, NULL, OPT_ZERO },
  { "file", required_argument, NULL, OPT_FILE },
  { "preallocated", required_argument, NULL, OPT_PREALLOCATED },
  { "device", required_argument, NULL, OPT_DEVICE },
  { "nbd", required_argument, NULL, OPT_NBD },
  { "nbd-new", required_argument, NULL, OPT_NBD_NEW },
  { "range", required_argument, NULL, OPT_RANGE },
  { "null", no_argument, NULL, OPT_NULL },
  { NULL, 0, NULL, 0 },
};

static int
open_target (struct driver *driver, int opt, const char *arg,
             struct error *err)
{
  struct copy_disk *disk = &driver->disks[driver->n];

  switch (opt) {
  case OPT_FILE:
  case OPT_PREALLOCATED:
    disk->target = target_file_new (arg, disk->size, opt == OPT_PREALLOCATED,
                                    err);
    break;
  case OPT_DEVICE:
    disk->target = target_device_open (arg, disk->size, driver->zero, err);
    break;
  case OPT_NBD:
  case OPT_NBD_NEW:
    disk->target = target_nbd_open (arg, disk->size, driver->zero,
                                    opt == OPT_NBD_NEW, err);
    break;
  }
  if (disk->target == NULL && opt != OPT_NULL)
    return -1;
  driver->n++;
  return 0;
}

/* Returns the exit status, or -1 to go on. */
static int
parse_options (struct driver *driver, int argc, char *argv[])
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  int opt;

  while ((opt = getopt_long (argc, argv, "", options, NULL)) != -1) {
    struct copy_disk *disk = &driver->disks[driver->n];

    if (driver->n == DISKS_MAX)
      return usage ("too many disks");
    switch (opt) {
    case OPT_PARALLEL:
      driver->settings.parallel = (unsigned) atoi (optarg);
      break;
    case OPT_RETRIES:
      driver->settings.retries = (unsigned) atoi (optarg);
      break;
    case OPT_STALL:
      driver->settings.stall_timeout_s = (unsigned) atoi (optarg);
      break;
    case OPT_VERBOSE:
      driver->verbose = true;
      break;
    case OPT_BASE:
      disk->index = (int) driver->n;
      disk->base_uri = optarg;
      disk->limits = default_limits;
      break;
    case OPT_OVERLAY:
      disk->overlay_uri = optarg;
      break;
    case OPT_SIZE:
      disk->size = strtoull (optarg, NULL, 10);
      break;
    case OPT_LIMITS:
      if (!parse_limits (optarg, &disk->limits))
        return usage ("--limits");
      break;
    case OPT_RANGE:
      if (!add_range (driver, optarg))
        return usage ("--range");
      break;
    case OPT_HOST:
      disk->host = optarg;
      break;
    case OPT_ZERO:
      if (!parse_zero (optarg, &driver->zero))
        return usage ("--zero");
      break;
    case '?':
      return usage ("option");
    default:
      if (open_target (driver, opt, optarg, &err) == -1)
        return fail (&err, 1);
    }
  }
  return -1;
}

static void
print_results (const struct driver *driver, const struct copy_result *results)
{
  for (unsigned i = 0; i < driver->n; i++)
    printf ("disk %u read %" PRIu64 " written %" PRIu64 " zero %" PRIu64
            " retries %u seconds %.2f\n", i, results[i].read,
            results[i].written, results[i].zero, results[i].retries,
            results[i].seconds);
  printf ("done %" PRIu64 " total %" PRIu64 " events %u\n", driver->done,
          driver->total, driver->events);
}

static int
run (struct driver *driver)
{
  const struct events events = { .handle = handle_event, .data = driver };
  struct copy_result results[DISKS_MAX];
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct supervisor *sv = supervisor_new (&err);
  int status = 0;

  if (sv == NULL)
    return fail (&err, 1);
  if (copy_run (driver->disks, driver->n, &driver->settings, sv, &events,
                results, &err) == -1)
    status = fail (&err, supervisor_signal (sv) != 0
                   ? 128 + supervisor_signal (sv) : 1);
  print_results (driver, results);
  supervisor_free (sv);
  return status;
}

int
main (int argc, char *argv[])
{
  struct driver driver = {
    .settings = { .parallel = 1, .retries = 5, .stall_timeout_s = 300 },
  };
  int status = parse_options (&driver, argc, argv);

  if (status == -1)
    status = run (&driver);
  for (unsigned i = 0; i < driver.n; i++)
    target_free (driver.disks[i].target);
  for (unsigned i = 0; i < DISKS_MAX; i++)
    copy_ranges_reset (&driver.ranges[i]);
  return status;
}
