/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Lists of changed extents: what is understood, what becomes of it, and
 * what is refused.
 */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "transfer/changed-extents.h"

#define MIB (UINT64_C (1) << 20)

/* The list in TEXT for a disk of SIZE bytes, as "offset+len offset+len"; or
 * the error.  The caller frees it.
 */
static char *
result (const char *text, uint64_t size)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  struct changed_extents extents = { .ranges = { .ptr = NULL } };
  char *ret = NULL;
  size_t len;
  FILE *fp = open_memstream (&ret, &len);

  assert (fp != NULL);
  if (changed_extents_parse (text, strlen (text), "f", &extents, &err) == -1 ||
      changed_extents_check (&extents, size, "f", &err) == -1) {
    assert (err.reason == REASON_USAGE);
    fputs (err.message, fp);
  }
  else
    for (size_t i = 0; i < extents.ranges.len; i++)
      fprintf (fp, "%s%ju+%ju", i > 0 ? " " : "",
               (uintmax_t) extents.ranges.ptr[i].offset,
               (uintmax_t) extents.ranges.ptr[i].len);
  fclose (fp);
  changed_extents_reset (&extents);
  return ret;
}

static void
gives (const char *text, const char *expected)
{
  CLEANUP_FREE char *got = result (text, MIB);

  if (strcmp (got, expected) != 0)
    fprintf (stderr, "%s\ngives %s\nnot %s\n", text, got, expected);
  assert (strcmp (got, expected) == 0);
}

static void
is_refused (const char *text, const char *why)
{
  CLEANUP_FREE char *got = result (text, MIB);

  if (strstr (got, why) == NULL)
    fprintf (stderr, "%s\ngives %s\nnot %s\n", text, got, why);
  assert (strstr (got, why) != NULL);
}

static void
understands_lists (void)
{
  gives ("[]", "");
  gives (" [{\"start\":512,\"length\":512}]\n", "512+512");
  gives ("[{\"length\":5,\"start\":7,\"other\":[1]}]", "7+5");
  gives ("[{\"Start\":512,\"Length\":512}]", "512+512");
  gives ("[{\"start\":0,\"length\":1048576}]", "0+1048576");
  gives ("[{\"start\":5,\"length\":0}]", "");
}

static void
sorts_and_joins (void)
{
  gives ("[{\"start\":100,\"length\":10},{\"start\":0,\"length\":10}]",
         "0+10 100+10");
  gives ("[{\"start\":0,\"length\":10},{\"start\":10,\"length\":10}]",
         "0+20");
  gives ("[{\"start\":0,\"length\":100},{\"start\":10,\"length\":10},"
         "{\"start\":50,\"length\":100}]", "0+150");
}

static void
understands_vsphere (void)
{
  gives ("{\"startOffset\":0,\"length\":1048576,\"changedArea\":"
         "[{\"start\":512,\"length\":512}]}", "512+512");
  gives ("{\"startOffset\":0,\"length\":524288,\"changedArea\":"
         "[{\"start\":0,\"length\":1}]}"
         "{\"startOffset\":524288,\"length\":524288,\"changedArea\":"
         "[{\"start\":524288,\"length\":1}]}", "0+1 524288+1");
  gives ("[{\"StartOffset\":524288,\"Length\":524288,\"ChangedArea\":null},"
         "{\"StartOffset\":0,\"Length\":524288}]", "");
  gives ("{\"returnval\":{\"startOffset\":0,\"length\":1048576}}", "");
}

static void
notices_lost_pages (void)
{
  is_refused ("{\"startOffset\":0,\"length\":524288}", "from offset 524288");
  is_refused ("{\"startOffset\":524288,\"length\":524288}",
              "from offset 0");
  is_refused ("[{\"startOffset\":0,\"length\":512},"
              "{\"startOffset\":524288,\"length\":524288}]",
              "from offset 512");
}

static void
refuses_numbers (void)
{
  is_refused ("[{\"start\":0,\"length\":1},{\"start\":-1,\"length\":1}]",
              "extent 2: \"start\" is negative");
  is_refused ("[{\"start\":0.5,\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":1e3,\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":\"0\",\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":null,\"length\":1}]", "not an integer");
  is_refused ("[{\"start\":0}]", "\"length\" is missing");
  is_refused ("[{\"start\":9223372036854775807,\"length\":1}]", "too large");
  is_refused ("[{\"start\":18446744073709551616,\"length\":1}]", "too large");
  is_refused ("[{\"start\":0,\"length\":1048577}]", "only 1048576 bytes");
  is_refused ("[{\"start\":9223372036854775806,"
              "\"length\":9223372036854775806}]", "only 1048576 bytes");
}

static void
refuses_other_things (void)
{
  is_refused ("", "empty");
  is_refused (" \n", "empty");
  is_refused ("null\n", "neither");
  is_refused ("5", "JSON");
  is_refused ("[5]", "neither");
  is_refused ("[[]]", "neither");
  is_refused ("[{\"start\":0,\"length\":1}", "ends in the middle");
  is_refused ("[{\"start\":0,\"length\":1}]]", "byte 24");
  is_refused ("{\"startOffset\":0,\"length\":1,\"changedArea\":{}}",
              "not an array");
  is_refused ("[[[[[[[[[[[[[[[[[[[[", "JSON");
}

int
main (void)
{
  understands_lists ();
  sorts_and_joins ();
  understands_vsphere ();
  notices_lost_pages ();
  refuses_numbers ();
  refuses_other_things ();
  return 0;
}
