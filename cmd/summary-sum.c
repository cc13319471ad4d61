/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What follows from the guests of a summary: how many are in which state, how
 * fast their hosts are, and why runs have failed.
 */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "summary.h"

const char *
summary_state_name (enum summary_state state)
{
  static const char *const names[] = {
    "ok", "unchanged", "checked", "failed", "running", "waiting", "silent"
  };

  return names[state];
}

void
summary_add (uint64_t *sum, uint64_t n)
{
  *sum = n > INT64_MAX || *sum > INT64_MAX - n ? INT64_MAX : *sum + n;
}

uint64_t
summary_rate (uint64_t bytes, double seconds)
{
  const double rate = seconds > 0 ? (double) bytes / seconds : 0;

  return rate < (double) INT64_MAX ? (uint64_t) rate : INT64_MAX;
}

static int
compare_names (const char *a, const char *b)
{
  if (a == NULL || b == NULL)
    return (a == NULL) - (b == NULL);
  return strverscmp (a, b);
}

static int
compare_guests (const void *a, const void *b)
{
  const struct summary_guest *one = a, *other = b;

  return compare_names (one->name, other->name);
}

/* Guests of one name, which follow each other, are told apart by their files.
 */
static int
tell_apart (struct summary_guests *guests, struct error *err)
{
  for (size_t i = 0, n; i < guests->len; i += n) {
    n = 1;
    while (i + n < guests->len &&
           strcmp (guests->ptr[i].name, guests->ptr[i + n].name) == 0)
      n++;
    for (size_t j = i; n > 1 && j < i + n; j++) {
      char *name = alloc_copy (guests->ptr[j].file, err);

      if (name == NULL)
        return -1;
      free (guests->ptr[j].name);
      guests->ptr[j].name = name;
    }
  }
  return 0;
}

static void
sort_guests (struct summary_guests *guests)
{
  qsort (guests->ptr, guests->len, sizeof *guests->ptr, compare_guests);
}

/* By host, and by when the runs began. */
static int
compare_starts (const void *a, const void *b)
{
  const struct summary_guest *const *one = a, *const *other = b;
  const int r = compare_names ((*one)->host, (*other)->host);
  const double from = (double) (*one)->time_ms - (*one)->seconds * 1000;
  const double to = (double) (*other)->time_ms - (*other)->seconds * 1000;

  return r != 0 ? r : (from > to) - (from < to);
}

/* Runs overlap: what counts is the time in which there was at least one.
 * Guests come by when they began; *UNTIL_MS is when the last one of them that
 * ran longest had ended.
 */
static void
add_to_host (struct summary_host *host, const struct summary_guest *guest,
             double *until_ms)
{
  const double end_ms = (double) guest->time_ms;
  const double begin_ms = end_ms - guest->seconds * 1000;
  const double from_ms = begin_ms > *until_ms ? begin_ms : *until_ms;

  host->guests++;
  if (guest->state == SUMMARY_RUNNING) {
    host->running++;
    summary_add (&host->rate, guest->rate);
  }
  if (guest->state != SUMMARY_OK)
    return;
  host->ended++;
  summary_add (&host->read, guest->read);
  if (end_ms > from_ms) {
    host->busy_s += (end_ms - from_ms) / 1000;
    *until_ms = end_ms;
  }
}

/* What running guests do now says more than what others did. */
static void
finish_host (struct summary_host *host)
{
  if (host->running == 0 && host->busy_s > 0)
    host->rate = summary_rate (host->read, host->busy_s);
}

static int
add_up_hosts (struct summary *summary, const struct summary_guest **guests,
              struct error *err)
{
  double until_ms = 0;

  qsort (guests, summary->guests.len, sizeof *guests, compare_starts);
  for (size_t i = 0; i < summary->guests.len; i++) {
    if (i == 0 ||
        compare_names (guests[i - 1]->host, guests[i]->host) != 0) {
      const struct summary_host host = { .name = guests[i]->host };

      if (summary_hosts_append (&summary->hosts, host) == -1)
        return error_nomem (err);
      until_ms = 0;
    }
    add_to_host (&summary->hosts.ptr[summary->hosts.len - 1], guests[i],
                 &until_ms);
  }
  for (size_t i = 0; i < summary->hosts.len; i++)
    finish_host (&summary->hosts.ptr[i]);
  return 0;
}

static int
add_reason (struct summary_reasons *reasons,
            const struct summary_guest *guest, struct error *err)
{
  const struct summary_reason reason = {
    .name = guest->reason != NULL ? guest->reason : "internal",
    .hint = guest->hint, .guests = 1, .retryable = guest->retryable,
  };

  for (size_t i = 0; i < reasons->len; i++)
    if (strcmp (reasons->ptr[i].name, reason.name) == 0 &&
        reasons->ptr[i].retryable == reason.retryable) {
      reasons->ptr[i].guests++;
      return 0;
    }
  return summary_reasons_append (reasons, reason) == 0 ? 0
    : error_nomem (err);
}

static int
compare_reasons (const void *a, const void *b)
{
  const struct summary_reason *one = a, *other = b;

  int r = (one->guests < other->guests) - (one->guests > other->guests);

  if (r == 0)
    r = strcmp (one->name, other->name);
  return r != 0 ? r : one->retryable - other->retryable;
}

static int
add_up_guest (struct summary *summary, const struct summary_guest *guest,
              struct error *err)
{
  summary->states[guest->state]++;
  if (guest->stored) {
    summary_add (&summary->size, guest->size);
    summary_add (&summary->read, guest->read);
    summary_add (&summary->written, guest->written);
  }
  if (guest->eta_s > summary->eta_s)
    summary->eta_s = guest->eta_s;
  return guest->state == SUMMARY_FAILED
    ? add_reason (&summary->reasons, guest, err) : 0;
}

int
summary_add_up (struct summary *summary, struct error *err)
{
  const size_t n = summary->guests.len;
  const struct summary_guest **guests;
  int r = 0;

  summary->eta_s = -1;
  if (n == 0)
    return 0;
  sort_guests (&summary->guests);
  if (tell_apart (&summary->guests, err) == -1)
    return -1;
  sort_guests (&summary->guests);
  guests = calloc (n, sizeof *guests);
  if (guests == NULL)
    return error_nomem (err);
  for (size_t i = 0; r == 0 && i < n; i++) {
    guests[i] = &summary->guests.ptr[i];
    r = add_up_guest (summary, guests[i], err);
  }
  if (r == 0)
    r = add_up_hosts (summary, guests, err);
  free (guests);
  if (r == 0 && summary->reasons.len > 0)
    qsort (summary->reasons.ptr, summary->reasons.len,
           sizeof *summary->reasons.ptr, compare_reasons);
  return r;
}
