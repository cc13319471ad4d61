/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Builds the nbdkit command lines of a disk from its location, the settings
 * and what the installed nbdkit can do: filters here, the plugin's parameters
 * by the source.  Nothing is started, and the source is not touched.
 */

#include <config.h>

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/events.h"
#include "base/i18n.h"
#include "base/parse.h"
#include "context.h"
#include "launch/plan.h"
#include "launch/plan-filters.h"
#include "nbdkit/selinux.h"
#include "settings.h"
#include "source/aside.h"
#include "source/source.h"

/* Bytes that the rate filter is asked for at once; powers of 2. */
#define RATE_REQUEST_MIN (UINT64_C (64) << 10)
#define RATE_REQUEST_UNKNOWN (UINT64_C (256) << 10)
#define RATE_REQUEST_MAX (UINT64_C (32) << 20)

/* What the functions below share while one disk is planned. */
struct planning {
  struct plan *plan;            /* what comes of it */
  struct source_request *request;
  const struct source_ops *source;
  const struct settings *settings;
  struct nbdkit_caps *caps;
  const struct events *events;
  struct argv library_env, library_args; /* what the plugin needs to load */
  char *own_plugin;             /* a file of ours; NULL: nbdkit's plugin */
  struct plan_filters filters;  /* the user's */
};

/* nbdkit 1.31.2 rewrote the filter: before, it reads ahead by itself under
 * one lock, since then it only asks the plugin to prefetch.
 *
 * A reader of 64 KiB at a time on the overlay, 10 ms a read, nbdkit 1.32,
 * first and second pass (64 MiB; * 32 MiB):
 *   nothing                                   11.2 s, 12.0 s, all read twice
 *   readahead                                 11.9 s, 13.1 s, all read twice
 *   cache, on-read, blocks of 1 MiB            1.2 s,  0.2 s, read once
 *   copy-on-read into the overlay              5.7 s,  0.1 s, read once *
 *   the same, clusters of 512 KiB              0.9 s,  0.1 s, read once *
 * The last is what conversions get through V2V_OVERLAY_URI: it leaves the
 * copy nothing to read again, which a cache would not, and keeps several
 * readers apart, which its lock would not.
 */
static bool
readahead_is_old (const struct planning *p)
{
  return !nbdkit_caps_since (p->caps, 31, 2);
}

/* The user's own.  Before nbdkit 1.31.2 all instances of the filter share one
 * lock: two of them wait for each other for ever.
 */
static bool
has_readahead (const struct planning *p)
{
  return argv_contains (&p->filters.names, "readahead");
}

static int
wants_readahead (const struct planning *p, bool *ret, struct error *err)
{
  const bool exists = nbdkit_caps_has_filter (p->caps, "readahead");
  CLEANUP_FREE char *path = NULL;

  *ret = p->settings->readahead != CHOICE_OFF && exists &&
    !p->source->no_readahead && !has_readahead (p);
  if (p->settings->readahead != CHOICE_ON || exists)
    return 0;
  path = nbdkit_caps_filter_path (p->caps, "readahead");
  error_set (err, REASON_NBDKIT_PLUGIN,
             _("--readahead on: %s does not exist"), path != NULL ? path : "");
  error_hint (err, _("install it: apt install nbdkit (Debian), dnf install "
                     "nbdkit-basic-filters (Fedora); or leave --readahead "
                     "at auto"));
  return -1;
}

static void
explain_readahead (const struct planning *p, bool used)
{
  const char *why;

  if (p->settings->readahead == CHOICE_ON && p->source->no_readahead)
    events_say (p->events, EVENT_WARNING, p->plan->disk,
                _("--readahead on has no effect: what the disk is read from "
                  "cannot prefetch"));
  if (p->settings->readahead == CHOICE_OFF)
    why = "--readahead off";
  else if (p->source->no_readahead)
    why = "what the disk is read from cannot prefetch";
  else if (has_readahead (p))
    why = "-io filter=readahead has it already";
  else if (!used)
    why = "the filter is not installed";
  else if (readahead_is_old (p))
    why = "it reads ahead for the conversion; the copy has a line without";
  else
    why = "since nbdkit 1.31.2 it helps only plugins that can prefetch, and "
      "costs nothing for others";
  events_say (p->events, EVENT_DEBUG, p->plan->disk,
              "readahead: %s, because %s", used ? "on" : "off", why);
}

static bool
wants_retry (const struct planning *p)
{
  return p->source->remote && p->settings->retries > 0 &&
    nbdkit_caps_has_filter (p->caps, "retry");
}

static void
add_retry (const struct planning *p, struct nbdkit_cmd *cmd)
{
  nbdkit_cmd_filter (cmd, "retry");
  if (p->settings->retries != DEFAULT_RETRIES)
    nbdkit_cmd_paramf (cmd, "retries", "%u", p->settings->retries);
}

/* It is read again and again, and may be another file each time, or made later.
 * Only a rule for its directory allows that.
 */
static void
allow_rate_file (const char *path, struct nbdkit_cmd *cmd)
{
  CLEANUP_FREE char *dir = location_absolute_path (path, &cmd->failed);

  nbdkit_cmd_allow (cmd, path, CONFINE_READ);
  if (dir == NULL)
    return;
  strrchr (dir, '/')[1] = '\0';
  nbdkit_cmd_allow (cmd, dir, CONFINE_KNOWN);
}

/* The rate filter's bucket holds what may be read in 2 seconds.  For a request
 * of n such seconds it waits n, then n - 2, then n - 4, and so on: one of 5 MiB
 * at 1 Mbit/s takes 7 minutes, and nothing is seen of it meanwhile.  What is
 * read in 1 second, or little where the limit may change, is let through.
 */
static uint64_t
largest_request (const struct settings *settings, struct error *err)
{
  uint64_t bits = 0, bytes = RATE_REQUEST_MIN;

  if (settings->bandwidth_file != NULL)
    return RATE_REQUEST_UNKNOWN;
  if (parse_size ("--bandwidth", settings->bandwidth, &bits, err) == -1)
    return 0;
  while (bytes < RATE_REQUEST_MAX && bytes * 2 <= bits / 8)
    bytes *= 2;
  return bytes;
}

/* Outermost, so that what the other filters read is not counted twice. */
static void
add_rate (const struct planning *p, struct nbdkit_cmd *cmd)
{
  const struct settings *settings = p->settings;

  if (settings->bandwidth == NULL && settings->bandwidth_file == NULL)
    return;
  nbdkit_cmd_filter (cmd, "blocksize");
  nbdkit_cmd_paramf (cmd, "maxdata", "%" PRIu64,
                     largest_request (settings, &cmd->failed));
  nbdkit_cmd_filter (cmd, "rate");
  if (settings->bandwidth != NULL)
    nbdkit_cmd_param (cmd, "rate", settings->bandwidth);
  if (settings->bandwidth_file != NULL) {
    nbdkit_cmd_param (cmd, "rate-file", settings->bandwidth_file);
    allow_rate_file (settings->bandwidth_file, cmd);
  }
}

/* A part of the location that is the disk: a member of a tar file. */
static void
add_part (const struct planning *p, struct nbdkit_cmd *cmd)
{
  const struct location *location = p->request->location;

  if (location->part.tar_entry != NULL) {
    nbdkit_cmd_filter (cmd, "tar");
    nbdkit_cmd_param (cmd, "tar-entry", location->part.tar_entry);
    nbdkit_cmd_allow (cmd, "/tmp", CONFINE_TEMPORARY);
  }
  else if (location->part.length > 0) {
    nbdkit_cmd_filter (cmd, "offset");
    nbdkit_cmd_paramf (cmd, "offset", "%" PRIu64, location->part.offset);
    nbdkit_cmd_paramf (cmd, "range", "%" PRIu64, location->part.length);
  }
}

static const char *
plugin_name (const struct planning *p)
{
  if (p->own_plugin != NULL)
    return p->own_plugin;
  return p->source->plugin != NULL ? p->source->plugin
                                   : p->request->location->plugin;
}

static struct nbdkit_cmd *
new_command (const struct planning *p, const char *prefix, struct error *err)
{
  struct nbdkit_cmd *cmd;
  char name[32];

  if (p->plan->disk >= 0)
    snprintf (name, sizeof name, "%s%d", prefix, p->plan->disk);
  else
    snprintf (name, sizeof name, "%s", prefix);
  cmd = nbdkit_cmd_new (p->caps->binary, name, err);
  if (cmd == NULL)
    return NULL;
  /* Without this flag --verbose prints several lines for each request.  An
   * nbdkit that does not know the flag ends at once.
   */
  if (nbdkit_caps_since (p->caps, 17, 4))
    nbdkit_cmd_option (cmd, "-D", "nbdkit.backend.datapath=0");
  if (p->settings->verbose)
    nbdkit_cmd_option (cmd, "--verbose", NULL);
  if (p->plan->selinux)
    nbdkit_cmd_option (cmd, "--selinux-label", SELINUX_SOCKET_LABEL);
  return cmd;
}

/* From the outermost filter to the plugin and its parameters. */
static struct nbdkit_cmd *
build_command (const struct planning *p, const char *prefix,
               bool readahead, bool retry, struct error *err)
{
  struct nbdkit_cmd *cmd = new_command (p, prefix, err);

  if (cmd == NULL)
    return NULL;
  add_rate (p, cmd);
  if (readahead)
    nbdkit_cmd_filter (cmd, "readahead");
  if (p->source->add_filters != NULL)
    p->source->add_filters (p->request, cmd);
  add_part (p, cmd);
  plan_filters_add (&p->filters, true, p->request, cmd);
  if (retry)
    add_retry (p, cmd);
  plan_filters_add (&p->filters, false, p->request, cmd);
  nbdkit_cmd_plugin (cmd, plugin_name (p));
  if (p->own_plugin != NULL)
    nbdkit_cmd_allow (cmd, p->own_plugin, CONFINE_RUN);
  for (size_t i = 0; i < p->library_env.len; i++)
    nbdkit_cmd_env (cmd, p->library_env.ptr[i]);
  for (size_t i = 0; i < p->library_args.len; i++)
    nbdkit_cmd_raw_param (cmd, p->library_args.ptr[i]);
  p->source->describe (p->request, cmd);
  if (nbdkit_cmd_check (cmd, err) == -1) {
    nbdkit_cmd_free (cmd);
    return NULL;
  }
  return cmd;
}

static const struct nbdkit_plugin *
load_plugin (const struct planning *p, struct error *err)
{
  return nbdkit_caps_plugin (p->caps, plugin_name (p), &p->filters.names,
                             &p->library_env, &p->library_args, err);
}

/* One that is not there, or that was built for another nbdkit or another
 * library, is done without.
 */
static int
ask_own_plugin (struct planning *p, struct error *err)
{
  CLEANUP_ERROR struct error why = ERROR_INIT;

  if (p->source->own_plugin == NULL)
    return 0;
  p->own_plugin = p->source->own_plugin (p->request, err);
  if (p->own_plugin == NULL)
    return error_is_set (err) ? -1 : 0;
  p->request->plugin = load_plugin (p, &why);
  if (p->request->plugin != NULL)
    return 0;
  if (why.reason == REASON_INTERRUPTED) {
    error_move (err, &why);
    return -1;
  }
  events_say (p->events, EVENT_DEBUG, p->plan->disk, "%s is not used: %s",
              p->own_plugin, why.message);
  free (p->own_plugin);
  p->own_plugin = NULL;
  return 0;
}

/* Ask for the plugin under the filters that are the user's own: they may
 * lower its thread model.
 */
static int
ask_plugin (struct planning *p, struct error *err)
{
  if (p->source->describe_library != NULL)
    p->source->describe_library (p->request, &p->library_env,
                                 &p->library_args, err);
  if (error_is_set (err) ||
      plan_filters_read (p->request, &p->filters, err) == -1 ||
      ask_own_plugin (p, err) == -1)
    return -1;
  if (p->own_plugin == NULL)
    p->request->plugin = load_plugin (p, err);
  if (p->request->plugin == NULL) {
    if (p->source->explain_plugin != NULL)
      p->source->explain_plugin (p->request, err);
    return -1;
  }
  return p->source->check_plugin != NULL
    ? p->source->check_plugin (p->request, err) : 0;
}

/* The retry filter helps against reads that fail, which the copy does by
 * itself, and lowers the thread model (see plan_copy); clients.c sees when
 * the only connection is lost, which it opens again and again.  With
 * readahead there would be prefetching: nbdkit 1.32's connection breaks when
 * the server refuses that (nbdkit --oldstyle, or a minimum block size).
 */
static int
plan_single (const struct planning *p, bool retry, struct error *err)
{
  struct nbdkit_cmd *cmd;

  if (p->source->describe_single == NULL)
    return 0;
  cmd = build_command (p, "one", false, retry, err);
  if (cmd == NULL)
    return -1;
  if (!p->source->describe_single (p->request, cmd)) {
    nbdkit_cmd_free (cmd);
    return 0;
  }
  p->plan->single_cmd = cmd;
  return nbdkit_cmd_check (cmd, err);
}

/* The copy's own command, if it is better than the overlay's.  Where filters
 * unpack it never is.
 */
static int
plan_copy (const struct planning *p, bool readahead, bool retry,
           struct error *err)
{
  struct nbdkit_cmd *cmd = build_command (p, "copy", false, false, err);
  bool better = false;

  if (cmd == NULL)
    return -1;
  if (p->source->describe_copy != NULL)
    better = p->source->describe_copy (p->request, cmd);
  if (readahead && readahead_is_old (p))
    better = true;
  /* retry lowers the thread model to serialize_requests.  Since nbdkit 1.33.8
   * it also opens again, after 2 to 32 seconds, what the source has refused:
   * the copy does with fewer connections, or tries again sooner.
   */
  if (retry && (p->request->plugin->parallel ||
                nbdkit_caps_since (p->caps, 33, 8)))
    better = true;
  if (!better) {
    nbdkit_cmd_free (cmd);
    return 0;
  }
  p->plan->copy_cmd = cmd;
  return nbdkit_cmd_check (cmd, err);
}

/* Readahead and retry change nothing of what is read, others may. */
static bool
changes_reads (const char *filter)
{
  return strcmp (filter, "readahead") != 0 && strcmp (filter, "retry") != 0;
}

/* The file that the copy can read without nbdkit, or NULL: only where no
 * filter changes what is read.
 */
static const struct local_file *
direct_file (const struct planning *p, const struct nbdkit_cmd *cmd)
{
  const struct argv *filters = &cmd->filters;

  if (p->source->direct.max_connections == 0)
    return NULL;
  for (size_t i = 0; i < filters->len; i++)
    if (changes_reads (filters->ptr[i]))
      return NULL;
  return p->request->location->file;
}

static struct copy_limits
choose_limits (const struct planning *p, struct copy_limits limits)
{
  const struct settings *settings = p->settings;

  if (settings->connections > 0) {
    limits.max_connections = settings->connections;
    if (limits.first_connections > settings->connections)
      limits.first_connections = settings->connections;
  }
  if (settings->request_size > 0)
    limits.first_request = limits.max_request = settings->request_size;
  return limits;
}

static int
plan_commands (struct planning *p, enum plan_use use, struct error *err)
{
  struct plan *ret = p->plan;
  const bool retry = wants_retry (p);
  bool readahead;

  if ((p->source->check != NULL &&
       p->source->check (p->request, err) == -1) ||
      ask_plugin (p, err) == -1 ||
      wants_readahead (p, &readahead, err) == -1)
    return -1;
  explain_readahead (p, readahead);
  ret->overlay_cmd = build_command (p, "in", readahead, retry, err);
  if (ret->overlay_cmd == NULL)
    return -1;
  if (plan_single (p, retry && use != PLAN_COPY, err) == -1 ||
      (use != PLAN_SERVE && p->filters.unpacking == 0 &&
       plan_copy (p, readahead, retry, err) == -1))
    return -1;
  ret->open_timeout_s = plan_filters_timeout (&p->filters, p->source,
                                              p->settings);
  ret->copys_first = p->own_plugin != NULL && p->source->login_is_slow;
  ret->unpacks = p->filters.unpacking > 0;
  ret->unpack_dir = plan_filters_directory (&p->filters);
  ret->limits = choose_limits (p, p->request->plugin->parallel
                               ? p->source->parallel : p->source->serial);
  if (ret->unpacks)
    ret->limits.first_connections = ret->limits.max_connections =
      ret->limits.max_in_flight = 1;
  ret->direct = direct_file (p, ret->overlay_cmd);
  ret->direct_limits = choose_limits (p, p->source->direct);
  events_say (p->events, EVENT_DEBUG, p->plan->disk,
              "%s: %s, %s", p->request->plugin->name,
              p->request->plugin->parallel ? "parallel requests"
                                          : "one request at a time",
              ret->copy_cmd != NULL ? "the copy has an nbdkit of its own"
                                : "one nbdkit serves conversion and copy");
  return 0;
}

int
plan_disk (const struct location *location, int disk, enum plan_use use,
           const struct launch_context *context, struct plan *ret,
           struct error *err)
{
  struct planning p = {
    .plan = ret,
    .request = &ret->request,
    .source = source_find (location->kind),
    .settings = context->settings,
    .caps = context->caps,
    .events = context->events,
  };
  int r;

  ret->source = p.source;
  ret->location = location;
  ret->file = HTTP_FILE_INIT;
  ret->disk = disk;
  r = plan_selinux (context, &ret->selinux, err);
  if (r == 0)
    r = source_request_of (location, p.settings, p.caps, &ret->request, err);
  if (r == 0)
    r = plan_commands (&p, use, err);
  argv_reset (&p.library_env);
  argv_reset (&p.library_args);
  free (p.own_plugin);
  plan_filters_reset (&p.filters);
  return r;
}

void
plan_reset (struct plan *plan)
{
  nbdkit_cmd_free (plan->overlay_cmd);
  nbdkit_cmd_free (plan->copy_cmd);
  nbdkit_cmd_free (plan->single_cmd);
  aside_free (plan->aside);     /* its thread reads the request */
  source_request_reset (&plan->request);
  http_file_reset (&plan->file);
  *plan = (struct plan) { .overlay_cmd = NULL };
}

int
plan_selinux (const struct launch_context *context, bool *ret,
              struct error *err)
{
  const enum choice selinux = context->settings->selinux;

  *ret = selinux == CHOICE_ON ||
    (selinux == CHOICE_AUTO && selinux_host_enabled ());
  if (!*ret || context->caps->selinux)
    return 0;
  error_set (err, REASON_NBDKIT_SELINUX,
             _("nbdkit was built without SELinux support, which this host "
               "needs"));
  error_hint (err, _("install an nbdkit with SELinux support, or run with "
                     "--selinux off"));
  return -1;
}
