/* parse_error.h - what is wrong with a JSON text, and where. */
#ifndef LB_PARSE_ERROR_H
#define LB_PARSE_ERROR_H

typedef struct lb_parse_error {
    const char *at;   /* the first byte that is wrong */
    const char *what; /* a literal */
} lb_parse_error;

#endif
