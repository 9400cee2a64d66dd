/* json.h - the little JSON that the C client itself reads: members of error bodies. */
#ifndef LB_JSON_H
#define LB_JSON_H

#include <stdbool.h>
#include <stddef.h>

/* Copies the string member `name` of the top-level object into out: NUL-terminated, cut at a character
 * boundary, escapes resolved, NUL characters become U+FFFD. True when it was there as a string. Never
 * reads past length. */
bool lb_json_string_member(const char *json, size_t length, const char *name, char *out, size_t size);

/* length when text is valid UTF-8, else the offset of the first bad byte. */
size_t lb_utf8_check(const char *text, size_t length);

#endif
