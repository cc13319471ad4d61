/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which of the virtual machines of an OVF is the guest: the only one, or the
 * one that the user names by its ovf:id or its Name.
 */

#include <config.h>

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/memstream.h"
#include "base/suggest.h"
#include "base/visible.h"
#include "input/ova/ovf-reading.h"

/* How many names of VMs the message lists. */
#define NAMED_MAX 20

/* A virtual machine. */
struct system {
  const struct xml_node *node;
  char *id, *name;              /* NULL: it has none */
};
DEFINE_VECTOR (struct systems, systems, struct system);

static void
cleanup_systems (struct systems *systems)
{
  for (size_t i = 0; i < systems->len; i++) {
    free (systems->ptr[i].id);
    free (systems->ptr[i].name);
  }
  systems_reset (systems);
}

/* Version 0.9 calls them Content, of a type. */
static void
list_systems (struct ovf_reading *r, struct systems *systems)
{
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };

  xml_find_all (r->xml, xml_root (r->xml), "ovf:VirtualSystem|"
                "ovf:VirtualSystemCollection//ovf:VirtualSystem|"
                ".//ovf:Content[contains(@xsi:type,"
                "'VirtualSystem_Type')]", &nodes, r->err);
  for (size_t i = 0; i < nodes.len && !error_is_set (r->err); i++) {
    const struct system system = {
      .node = nodes.ptr[i],
      .id = ovf_text (r, nodes.ptr[i], "@ovf:id|@id"),
      .name = ovf_text (r, nodes.ptr[i], "ovf:Name"),
    };

    if (systems_append (systems, system) == -1) {
      free (system.id);
      free (system.name);
      error_nomem (r->err);
    }
  }
}

static bool
is (const char *a, const char *b)
{
  return a != NULL && b != NULL && strcmp (a, b) == 0;
}

/* The systems whose ovf:id is WORD, or else those whose Name is. */
static void
find_called (const struct systems *systems, const char *word,
             struct systems *ret, struct error *err)
{
  for (unsigned names = 0; names < 2 && ret->len == 0; names++)
    for (size_t i = 0; i < systems->len; i++) {
      const struct system *system = &systems->ptr[i];

      if (is (names ? system->name : system->id, word) &&
          systems_append (ret, *system) == -1) {
        error_nomem (err);
        return;
      }
    }
}

/* What to write for the system, so that no other is meant. */
static const char *
handle (const struct systems *systems, const struct system *system)
{
  bool unique = system->name != NULL;

  for (size_t i = 0; i < systems->len; i++) {
    const struct system *other = &systems->ptr[i];

    if (other != system && (is (other->name, system->name) ||
                            is (other->id, system->name)))
      unique = false;
  }
  return unique || system->id == NULL ? system->name : system->id;
}

/* The names of SYSTEMS, quoted, as far as they fit. */
static char *
list_names (const struct systems *systems, struct error *err)
{
  char *list = NULL;
  size_t len;
  FILE *fp = open_memstream (&list, &len);

  if (fp == NULL) {
    error_nomem (err);
    return NULL;
  }
  for (size_t i = 0; i < systems->len && i < NAMED_MAX; i++) {
    const char *name = handle (systems, &systems->ptr[i]);

    fprintf (fp, "%s'%.60s'", i > 0 ? ", " : "", name == NULL ? "?" : name);
  }
  if (systems->len > NAMED_MAX)
    fputs (", ...", fp);
  if (memstream_close (fp, &list) == -1)
    error_nomem (err);
  return list;
}

static void
hint_choice (const struct systems *systems, struct error *err)
{
  const char *name = handle (systems, &systems->ptr[0]);
  char *word = NULL;
  size_t len;
  FILE *fp;

  if (name == NULL || !suggest_printable (name) ||
      (fp = open_memstream (&word, &len)) == NULL)
    return;
  shell_quote (fp, name);
  if (memstream_close (fp, &word) == 0)
    error_hint (err, _("choose one with -io vm=NAME: -io vm=%s"), word);
  free (word);
}

/* Say why none, or not just one, of SYSTEMS is meant; FOUND are those that are
 * called VM.
 */
static void
refuse (struct ovf_reading *r, const struct systems *systems,
        const struct systems *found, const char *name, const char *vm)
{
  CLEANUP_FREE char *names = NULL;

  if (systems->len == 0) {
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s describes no virtual machine"), name);
    return;
  }
  names = list_names (found->len > 0 ? found : systems, r->err);
  if (names == NULL)
    return;
  if (vm == NULL)
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s describes %zu virtual machines, not one: %s"), name,
               systems->len, names);
  else if (found->len == 0)
    error_set (r->err, REASON_NOT_FOUND,
               _("%s describes no virtual machine '%s'; it has: %s"), name,
               vm, names);
  else
    error_set (r->err, REASON_UNSUPPORTED,
               _("%s describes %zu virtual machines that are called '%s': "
                 "%s"), name, found->len, vm, names);
  hint_choice (found->len > 0 ? found : systems, r->err);
}

static int
find_hardware (struct ovf_reading *r)
{
  if (xml_find (r->xml, r->system, "ovf:VirtualHardwareSection|"
                "ovf:Section[contains(@xsi:type,"
                "'VirtualHardwareSection_Type')]", &r->hardware,
                r->err) == -1)
    return -1;
  if (r->hardware == NULL)
    return xml_error (r->xml, r->system, REASON_UNSUPPORTED, r->err,
                      _("the virtual machine has no "
                        "VirtualHardwareSection"));
  return 0;
}

int
ovf_find_system (struct ovf_reading *r, const char *name, const char *vm)
{
  __attribute__ ((cleanup (cleanup_systems))) struct systems systems =
    { .ptr = NULL };
  /* Their strings belong to the systems. */
  __attribute__ ((cleanup (systems_reset))) struct systems found =
    { .ptr = NULL };
  const struct systems *candidates = vm == NULL ? &systems : &found;

  list_systems (r, &systems);
  if (vm != NULL)
    find_called (&systems, vm, &found, r->err);
  if (candidates->len != 1 && !error_is_set (r->err))
    refuse (r, &systems, &found, name, vm);
  if (error_is_set (r->err))
    return -1;
  r->system = candidates->ptr[0].node;
  return find_hardware (r);
}
