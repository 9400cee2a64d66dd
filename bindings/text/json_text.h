/* json_text.h - the strings of JSON, and members of error bodies. */
#ifndef LB_JSON_TEXT_H
#define LB_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parse_error.h"
#include "utf8.h"

typedef enum lb_json_found {
    LB_JSON_ABSENT,   /* the object ends without it, or it is not a string */
    LB_JSON_FOUND,
    LB_JSON_MALFORMED /* not an object, or it does not end */
} lb_json_found;

/* Copies the string member `name` of the top-level object into out: NUL-terminated, cut at a character
 * boundary, escapes resolved; NUL characters, lone surrogates and invalid UTF-8 become U+FFFD. The JSON need not be valid
 * after that member. Never reads past length. */
lb_json_found lb_json_string_member(const char *json, size_t length, const char *name, char *out, size_t size);

/* The first byte from p on that does not stand for itself in a JSON string: a quote, a backslash, a
 * control character or a part of a longer UTF-8 character. end when there is none. */
const char *lb_json_plain(const char *p, const char *end);

/* Copies the bytes that stand for themselves in a JSON string, from the first on; out has space for length bytes, all of
 * which it may write. Returns how many they are: length when that is the whole string. */
size_t lb_json_copy_plain(char *out, const char *s, size_t length);

/* The code point of the escape whose backslash is at *p, which moves past it, or -1 when there is no such
 * escape. Two escapes of a surrogate pair are read as one; a lone surrogate is returned as it is. */
int32_t lb_json_read_escape(const char **p, const char *end);

typedef struct lb_json_string {
    bool escaped;     /* it has escapes */
    const char *half; /* the first escape of a lone surrogate, or NULL */
} lb_json_string;

/* Goes on checking a string at *p, after its opening quote, up to about limit; end is that of the whole text, and found
 * begins as { false, NULL }. Returns the closing quote, or NULL with *p where to go on, or NULL with error->what set. */
const char *lb_json_scan_string(const char **p, const char *limit, const char *end, lb_json_string *found,
                                lb_parse_error *error);

/* Goes on resolving the escapes of a checked string at *p, up to about limit: *p is where to go on, at most at quote.
 * out has space for quote - *p bytes; lone surrogates become WTF-8. Returns the end of what it wrote. */
char *lb_json_unescape(char *out, const char **p, const char *limit, const char *quote);

#endif
