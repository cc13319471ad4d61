/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Hostile XML ends with an error, soon, with nothing read or printed. */

#include <config.h>

#undef NDEBUG
#include <assert.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/xml-build.h"
#include "base/xml.h"

/* No document of at most 4 MiB may take longer; an unloaded machine needs
 * a fifth of a second.
 */
#define MAX_SECONDS 20

static void
check_error (const char *text, size_t len, const char *words)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  const time_t start = time (NULL);
  struct xml *xml = xml_parse (text, len, "x.xml", &err);

  if (xml != NULL) {
    fprintf (stderr, "accepted; expected was '%s'\n", words);
    abort ();
  }
  assert (err.reason == REASON_UNSUPPORTED);
  if (strstr (err.message, words) == NULL) {
    fprintf (stderr, "'%s' does not hold '%s'\n", err.message, words);
    abort ();
  }
  assert (strncmp (err.message, "x.xml: ", 7) == 0);
  assert (strlen (err.message) < 500);
  /* Valgrind takes its time. */
  assert (getenv ("VG") != NULL || time (NULL) - start <= MAX_SECONDS);
}

static void
check_error_str (const char *text, const char *words)
{
  check_error (text, strlen (text), words);
}

/* N times STR between HEAD and TAIL; "#" in STR becomes the number. */
static char *
repeat (const char *head, const char *str, unsigned n, const char *tail,
        size_t *len)
{
  const char *hash = strchr (str, '#');
  char *text;
  FILE *fp = open_memstream (&text, len);

  assert (fp != NULL);
  fputs (head, fp);
  for (unsigned i = 0; i < n; i++)
    if (hash != NULL)
      fprintf (fp, "%.*s%u%s", (int) (hash - str), str, i, hash + 1);
    else
      fputs (str, fp);
  fputs (tail, fp);
  assert (fclose (fp) == 0);
  return text;
}

static void
check_repeat (const char *head, const char *str, unsigned n,
              const char *tail, const char *words)
{
  size_t len;
  CLEANUP_FREE char *text = repeat (head, str, n, tail, &len);

  check_error (text, len, words);
}

static void
test_broken (void)
{
  check_error_str ("", "empty");
  check_error_str ("hello", "line 1");
  check_error_str ("<a>\n<b>\n</a>", "line 3");
  check_error_str ("<a/><b/>", "line 1");
  check_error_str ("<a>\xff\xff</a>", "encoding");
  check_error_str ("<a>&#1;</a>", "line 1");
  check_error ("<a>\0</a>", 8, "line 1");
  check_error_str ("<?xml version='1.0' encoding='UTF-7'?><a/>", "encoding");
  check_error_str ("\x4c\x6f\xa7\x94", "XML");
}

/* libxml2 knows ways round every handler but the last. */
static void
test_silence (void)
{
  char path[] = "/tmp/unit-xml-XXXXXX";
  const int fd = mkstemp (path), saved = dup (STDERR_FILENO);
  static const char text[] =
    "<?xml version='1.0' encoding='utf-16le'?><a>\xff\xd8\xff</a>";

  assert (fd != -1 && saved != -1);
  assert (dup2 (fd, STDERR_FILENO) != -1);
  check_error_str (text, "x.xml");
  check_error_str ("<?xml version='1.0' encoding='ascii'?><a>\xff</a>",
                   "x.xml");
  check_error_str ("\xff\xfe<\0a\0>\0\xff\xd8<", "x.xml");
  check_error ("\xff\xfe<\0a\0>\0\x01\xd8<\0/\0a\0>\0", 18, "x.xml");
  assert (dup2 (saved, STDERR_FILENO) != -1);
  assert (lseek (fd, 0, SEEK_END) == 0);
  close (saved);
  close (fd);
  unlink (path);
}

/* Three generations only, and one of ten, which nobody may expand. */
static void
test_entities (void)
{
  check_error_str ("<!DOCTYPE a [<!ENTITY x 'y'>]>\n<a>&x;</a>",
                   "document type");
  check_error_str ("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
                   "document type");
  check_error_str ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
                   "<a>&x;</a>", "document type");
  check_error_str ("<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1:1/'>"
                   "%x;]><a/>", "document type");
  check_error_str ("<a>&x;</a>", "'x' not defined");
  check_repeat ("<!DOCTYPE a [<!ENTITY l0 'lol'>",
                "<!ENTITY m# '&l0;&l0;&l0;&l0;&l0;&l0;&l0;&l0;'>", 1000,
                "]><a>&m9;</a>", "document type");
}

static void
test_limits (void)
{
  check_repeat ("", "<a>", 100000, "", "line 1");
  check_repeat ("<", "a", 1024 * 1024, "/>", "line 1");
  check_repeat ("<a ", "b", 1024 * 1024, "='c'/>", "line 1");
  check_repeat ("<a>", " ", 5 * 1024 * 1024, "</a>", "larger than");
  check_repeat ("<a ", "b#='' ", 300000, "/>", "attributes");
  check_repeat ("<a ", "b#\n=\n'' ", 200000, "/>", "attributes");
  check_repeat ("<a>", "<b xmlns:c#='d'/>", 100000, "</a>",
                "namespace declarations");
}

/* What is large but within the limits is read, and found, quickly. */
static void
test_large (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_XML struct xml *xml = NULL;
  CLEANUP_XML_NODES struct xml_nodes nodes = { .len = 0 };
  CLEANUP_FREE char *text = NULL;
  const time_t start = time (NULL);
  size_t len;

  text = repeat ("<a>", "<b><c/></b>\n", 300000, "</a>", &len);
  xml = xml_parse (text, len, "x.xml", &err);
  assert (xml != NULL);
  assert (xml_find_all (xml, xml_root (xml), "b/c", &nodes, &err) == 0);
  assert (nodes.len == 300000);
  xml_error (xml, nodes.ptr[59999], REASON_UNSUPPORTED, &err, "here");
  assert (strcmp (err.message, "x.xml: line 60000: here") == 0);
  error_reset (&err);
  /* No line is better than a wrong one. */
  xml_error (xml, nodes.ptr[299999], REASON_UNSUPPORTED, &err, "here");
  assert (strcmp (err.message, "x.xml: here") == 0);
  /* Valgrind takes its time. */
  assert (getenv ("VG") != NULL || time (NULL) - start <= MAX_SECONDS);
}

static void
test_strings (void)
{
  static const char text[] =
    "<a xmlns='urn:1' xmlns:p='urn:2' p:x=' 1&amp;2 '>\n"
    "<b>one<!-- not this --> %s <![CDATA[<c>]]></b><b/></a>";
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_XML struct xml *xml =
    xml_parse (text, strlen (text), "x.xml", &err);
  const struct xml_node *root = xml_root (xml);
  CLEANUP_FREE char *b = NULL, *x = NULL, *empty = NULL, *none = NULL;

  assert (xml_add_namespace (xml, "q", "urn:1", &err) == 0);
  assert (xml_add_namespace (xml, "r", "urn:2", &err) == 0);
  assert (strcmp (xml_node_name (root), "a") == 0);
  assert (strcmp (xml_node_namespace (root), "urn:1") == 0);
  assert (xml_string (xml, root, "q:b", &b, &err) == 0);
  assert (strcmp (b, "one %s <c>") == 0);
  assert (xml_string (xml, root, "@r:x", &x, &err) == 0);
  assert (strcmp (x, " 1&2 ") == 0);
  assert (xml_string (xml, root, "q:b[2]", &empty, &err) == 0);
  assert (strcmp (empty, "") == 0);
  assert (xml_string (xml, root, "b", &none, &err) == 0);
  assert (none == NULL);
}

static void
test_adopt (void)
{
  static const char text[] =
    "<p:a xmlns:p='urn:1'><b><c/></b><d xmlns='urn:2'/><e>x</e></p:a>";
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_XML struct xml *xml =
    xml_parse (text, strlen (text), "x.xml", &err);
  CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };
  CLEANUP_FREE char *e = NULL;

  xml_adopt_elements (xml);
  assert (xml_add_namespace (xml, "q", "urn:1", &err) == 0);
  assert (xml_find_all (xml, xml_root (xml), "q:b/q:c|q:d|q:e", &nodes,
                        &err) == 0);
  assert (nodes.len == 2);
  assert (xml_string (xml, xml_root (xml), "q:e", &e, &err) == 0);
  assert (strcmp (e, "x") == 0);
}

/* An attribute that has the prefix already comes first. */
static void
test_adopt_attributes (void)
{
  static const char text[] =
    "<p:a xmlns:p='urn:1' x='1'><p:b x='2' p:x='3'/><d xmlns='urn:2' x='4'/>"
    "</p:a>";
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_XML struct xml *xml =
    xml_parse (text, strlen (text), "x.xml", &err);
  CLEANUP_FREE char *a = NULL, *b = NULL, *d = NULL;

  xml_adopt_attributes (xml);
  assert (xml_add_namespace (xml, "q", "urn:1", &err) == 0);
  assert (xml_string (xml, xml_root (xml), "@q:x", &a, &err) == 0);
  assert (strcmp (a, "1") == 0);
  assert (xml_string (xml, xml_root (xml), "q:b/@q:x", &b, &err) == 0);
  assert (strcmp (b, "3") == 0);
  assert (xml_string (xml, xml_root (xml), "*/@x[. = 4]", &d, &err) == 0);
  assert (strcmp (d, "4") == 0);
}

static void
test_long_string (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_XML struct xml *xml = NULL;
  CLEANUP_FREE char *text = NULL, *value = NULL;
  size_t len;

  text = repeat ("<a>\n<b>", "x", 1024 * 1024, "</b></a>", &len);
  xml = xml_parse (text, len, "x.xml", &err);
  assert (xml != NULL);
  assert (xml_string (xml, xml_root (xml), "b", &value, &err) == -1);
  assert (value == NULL);
  assert (strncmp (err.message, "x.xml: line 2: ", 15) == 0);
}

static void
test_build (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_XML_BUILD struct xml_build *build = xml_build_new ("a", &err);
  CLEANUP_XML struct xml *xml = NULL;
  CLEANUP_FREE char *text = NULL, *b = NULL, *c = NULL;
  static const char nasty[] = "<&>\"' \n\t%s\xc3\xa4&amp;";
  struct xml_elem *elem;

  elem = xml_add_text (build, xml_build_root (build), "b", nasty, NULL);
  xml_attr (build, elem, "c", nasty);
  text = xml_build_text (build, &err);
  assert (text != NULL);
  xml = xml_parse (text, strlen (text), "x.xml", &err);
  assert (xml_string (xml, xml_root (xml), "b", &b, &err) == 0);
  assert (xml_string (xml, xml_root (xml), "b/@c", &c, &err) == 0);
  assert (strcmp (b, nasty) == 0);
  assert (strcmp (c, nasty) == 0);
}

/* Work is counted over all that is looked for in a document. */
static void
test_work (void)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  size_t len;
  CLEANUP_FREE char *text = repeat ("<a>", "<b c='#'/>", 20000, "</a>",
                                    &len);
  CLEANUP_XML struct xml *xml = xml_parse (text, len, "x.xml", &err);
  unsigned i = 0;
  int r = 0;

  assert (xml != NULL);
  for (; i < 20000 && r == 0; i++) {
    CLEANUP_XML_NODES struct xml_nodes nodes = { .ptr = NULL };

    r = xml_find_all (xml, xml_root (xml), "b", &nodes, &err);
  }
  assert (r == -1 && i > 100);
  assert (err.reason == REASON_UNSUPPORTED);
  assert (strcmp (err.message, "x.xml: the XML holds too much to be looked "
                  "through") == 0);
}

static void
check_build_refuses (const char *value)
{
  CLEANUP_ERROR struct error err = ERROR_INIT;
  CLEANUP_XML_BUILD struct xml_build *build = xml_build_new ("a", &err);

  xml_attr (build, xml_build_root (build), "b", value);
  xml_add_text (build, xml_build_root (build), "c", "later", NULL);
  assert (xml_build_text (build, &err) == NULL);
  assert (err.reason == REASON_UNSUPPORTED);
}

int
main (void)
{
  test_broken ();
  test_silence ();
  test_entities ();
  test_limits ();
  test_large ();
  test_strings ();
  test_adopt ();
  test_adopt_attributes ();
  test_long_string ();
  test_work ();
  test_build ();
  check_build_refuses ("\001");
  check_build_refuses ("\xff");
  check_build_refuses ("\xef\xbf\xbf"); /* U+FFFF */
  return EXIT_SUCCESS;
}
