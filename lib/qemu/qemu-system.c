/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Asks the qemu that would run a guest what it was built with.  Nothing of the
 * copy needs this qemu, which many hosts do not have: whatever fails here
 * means "no".
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/alloc.h"
#include "base/argv.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "io/subprocess.h"
#include "qemu/qemu-system.h"

#define TIMEOUT_MS 10000

/* RHEL has no other, and libvirt looks there second. */
#define QEMU_KVM "/usr/libexec/qemu-kvm"

/* What the description of a guest calls its architecture may be anything. */
static bool
arch_valid (const char *arch)
{
  for (const char *p = arch; *p != '\0'; p++)
    if (!isalnum ((unsigned char) *p) && *p != '_')
      return false;
  return *arch != '\0';
}

static char *
find_program (const char *arch, struct error *err)
{
  CLEANUP_FREE char *name = arch_valid (arch)
    ? format (err, "qemu-system-%s", arch) : NULL;
  CLEANUP_ERROR struct error missing = ERROR_INIT;

  if (name != NULL && subprocess_look_up (name, &missing) == -1)
    return alloc_copy (QEMU_KVM, err);
  return STEAL (name);
}

/* The list of options has this one, or there is no list: Debian's qemu 11.1
 * and RHEL's of 9 and later are built without SPICE, or its module is not
 * installed.  The exit status is 1 in any case.
 */
static bool
lists_spice (const struct captured *captured)
{
  return strstr (captured->out, "tls-port") != NULL ||
    strstr (captured->err, "tls-port") != NULL;
}

bool
qemu_system_has_spice (const char *arch, struct supervisor *supervisor)
{
  CLEANUP_ERROR struct error ignored = ERROR_INIT;
  CLEANUP_FREE char *program = find_program (arch, &ignored);
  const char *const args[] = { program, "-spice", "help", NULL };
  CLEANUP_ARGV struct argv argv = { .ptr = NULL };
  CLEANUP_CAPTURED struct captured captured = { .out = NULL };
  struct subprocess_spec spec = SUBPROCESS_SPEC (&argv);

  spec.own_group = true;
  return program != NULL && argv_append_array (&argv, args, &ignored) == 0 &&
    subprocess_capture (supervisor, &spec, TIMEOUT_MS, &captured,
                        &ignored) == 0 && lists_spice (&captured);
}
