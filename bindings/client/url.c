/* url.c - percent-encoding, query strings and the check of a base URL. */
#include "internal.h"

#include <string.h>

static bool is_unreserved(unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

/* Everything but RFC 3986's unreserved characters is encoded, also `/`. `form` writes a space as +. */
bool lb_url_encode(lb_buffer *out, const char *text, bool form) {
    static const char hex[] = "0123456789ABCDEF";
    size_t length = strlen(text);
    if (length > SIZE_MAX / 8 || !lb_buffer_reserve(out, length * 3)) return false;
    char *to = out->data + out->size;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (is_unreserved(c)) {
            *to++ = (char)c;
        } else if (form && c == ' ') {
            *to++ = '+';
        } else {
            *to++ = '%';
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    *to = '\0';
    out->size = (size_t)(to - out->data);
    return true;
}

bool lb_url_query(lb_buffer *out, const lb_pair *query) {
    if (!query) return true;
    char separator = out->data && strchr(out->data, '?') ? '&' : '?';
    for (; query->name; query++) {
        if (!lb_buffer_add(out, &separator, 1) || !lb_url_encode(out, query->name, true)) return false;
        if (query->value &&
            (!lb_buffer_add(out, "=", 1) || !lb_url_encode(out, query->value, true))) return false;
        separator = '&';
    }
    return true;
}

const char *lb_url_problem(const char *url) {
    const char *host = NULL;
    if (strncmp(url, "http://", 7) == 0) host = url + 7;
    if (strncmp(url, "https://", 8) == 0) host = url + 8;
    if (!host) return "does not begin with http:// or https://";
    if (*host == '\0' || *host == '/' || *host == ':') return "has no host";
    for (const char *p = url; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (c <= ' ' || c == 127) return "contains a space or control character";
        if (c == '?' || c == '#') return "has a query or fragment; only a path may follow the host";
    }
    size_t authority = strcspn(host, "/");
    if (memchr(host, '@', authority)) return "has a user name; the secret goes into its own option";
    return NULL;
}
