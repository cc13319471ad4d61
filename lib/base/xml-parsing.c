/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What holds for each use of libxml2's parser, with a tree (xml.c) and without
 * one (xml-walk.c): what is refused, and how errors read.
 */

#include <config.h>

#include <ctype.h>
#include <string.h>

#include "base/i18n.h"
#include "base/xml-internal.h"

/* Attributes of one element.  libxml2 before 2.12 compares each with each:
 * a tag with 400,000 of them took it more than a minute.
 */
#define XML_MAX_ATTRIBUTES 2000

/* libxml2's messages end with a newline and can quote any of the document:
 * they are cut to a sane length and lose their control characters.
 */
static char *
tidy_message (const char *message)
{
  char *copy = strndup (message, 200);
  size_t len = copy == NULL ? 0 : strlen (copy);

  while (len > 0 && isspace ((unsigned char) copy[len - 1]))
    copy[--len] = '\0';
  for (size_t i = 0; i < len; i++)
    if (iscntrl ((unsigned char) copy[i]))
      copy[i] = '?';
  return copy;
}

void
xml_keep_first_error (void *data, xml_error_ptr error)
{
  xmlParserCtxtPtr ctxt = data;
  struct xml_parsing *parsing = ctxt->_private;

  if (error->level < XML_ERR_ERROR || parsing->message != NULL ||
      parsing->refused != NULL || error->message == NULL)
    return;
  parsing->message = tidy_message (error->message);
  parsing->line = error->line;
}

static void
print_nothing (void *data __attribute__ ((unused)),
               const char *fmt __attribute__ ((unused)), ...)
{
}

void
xml_silence (void)
{
  xmlSetGenericErrorFunc (NULL, print_nothing);
}

void
xml_refuse (xmlParserCtxtPtr ctxt, const char *why)
{
  struct xml_parsing *parsing = ctxt->_private;

  if (parsing->refused == NULL) {
    parsing->refused = why;
    parsing->line = ctxt->input != NULL ? ctxt->input->line : 0;
  }
  xmlStopParser (ctxt);
}

/* libxml2 2.15 deprecates what these are members of a struct for before it. */
#if LIBXML_VERSION >= 21500
bool
xml_is_stopped (xmlParserCtxtPtr ctxt)
{
  return xmlCtxtIsStopped (ctxt);
}

const xmlChar *
xml_declared_encoding (xmlParserCtxtPtr ctxt)
{
  return xmlCtxtGetDeclaredEncoding (ctxt);
}
#else
bool
xml_is_stopped (xmlParserCtxtPtr ctxt)
{
  return ctxt->disableSAX;
}

/* Where it is kept depends on it and on the version. */
const xmlChar *
xml_declared_encoding (xmlParserCtxtPtr ctxt)
{
  return ctxt->encoding != NULL || ctxt->input == NULL ? ctxt->encoding
    : ctxt->input->encoding;
}
#endif

/* Without a document type there are no entities to expand and nothing to
 * load; no program that writes domain XML or OVF has one.
 */
void
xml_on_doctype (void *data, const xmlChar *name __attribute__ ((unused)),
                const xmlChar *external_id __attribute__ ((unused)),
                const xmlChar *system_id __attribute__ ((unused)))
{
  xml_refuse (data, N_("document type declarations are not accepted"));
}

/* Does an attribute's value begin at P, behind a "="?  Blanks may stand in
 * between.
 */
static bool
quote_follows (const char *p, const char *end)
{
  while (p < end && isspace ((unsigned char) *p))
    p++;
  return p < end && (*p == '"' || *p == '\'');
}

/* A "<" never stands inside a tag, so that counting from one to the next can
 * only count too much.
 */
int
xml_check_tags (const struct xml_bytes *bytes, const char *name,
                struct error *err)
{
  const char *end = bytes->text + bytes->len;
  unsigned attributes = 0, line = 1;

  for (const char *p = bytes->text; p < end; p++) {
    if (*p == '<')
      attributes = 0;
    else if (*p == '\n')
      line++;
    else if (*p == '=' && quote_follows (p + 1, end) &&
             ++attributes > XML_MAX_ATTRIBUTES)
      return error_set (err, REASON_UNSUPPORTED,
                        _("%s: line %u: an element has more than %d "
                          "attributes"), name, line, XML_MAX_ATTRIBUTES);
  }
  return 0;
}

void
xml_set_parse_error (const struct xml_parsing *parsing, const char *name,
                     struct error *err)
{
  const char *why = parsing->refused != NULL ? _(parsing->refused)
    : parsing->message;

  if (why == NULL)
    error_set (err, REASON_UNSUPPORTED, _("%s: not valid XML"), name);
  else if (parsing->line > 0)
    error_set (err, REASON_UNSUPPORTED, _("%s: line %ld: %s"), name,
               parsing->line, why);
  else
    error_set (err, REASON_UNSUPPORTED, _("%s: %s"), name, why);
}
