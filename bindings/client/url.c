/* url.c - percent-encoding, query strings and the check of a base URL. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <string.h>
#include <strings.h>

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

bool lb_url_has_scheme(const char *url, const char *scheme) {
    size_t n = strlen(scheme);
    return strncasecmp(url, scheme, n) == 0 && strncmp(url + n, "://", 3) == 0;
}

void lb_url_lower_scheme(char *url) {
    for (; *url && *url != ':'; url++)
        if (*url >= 'A' && *url <= 'Z') *url = (char)(*url + ('a' - 'A'));
}

const char *lb_url_problem(const char *url) {
    if (!lb_url_has_scheme(url, "http") && !lb_url_has_scheme(url, "https"))
        return "does not begin with http:// or https://";
    const char *host = strstr(url, "://") + 3;
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
