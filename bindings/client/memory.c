/* memory.c - allocation through the loop's allocator, and growing buffers. */
#define _POSIX_C_SOURCE 200809L
#include "internal.h"

#include <stdlib.h>
#include <string.h>

static void *default_realloc(void *user_data, void *block, size_t size) {
    (void)user_data;
    return realloc(block, size);
}

static void default_free(void *user_data, void *block) {
    (void)user_data;
    free(block);
}

const lb_allocator lb_default_allocator = { default_realloc, default_free, NULL };

void *lb_alloc(const lb_allocator *a, size_t size) {
    void *block = a->realloc(a->user_data, NULL, size ? size : 1);
    if (block) memset(block, 0, size);
    return block;
}

void lb_release(const lb_allocator *a, void *block) {
    if (block) a->free(a->user_data, block);
}

char *lb_copy(const lb_allocator *a, const char *text, size_t size) {
    if (size == SIZE_MAX) return NULL;
    char *copy = a->realloc(a->user_data, NULL, size + 1);
    if (!copy) return NULL;
    if (size) memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

bool lb_buffer_reserve(lb_buffer *b, size_t more) {
    if (more >= SIZE_MAX / 2 - b->size) return false;
    size_t need = b->size + more + 1;
    if (need <= b->capacity) return true;
    size_t capacity = b->capacity ? b->capacity : 512;
    while (capacity < need) capacity *= 2;
    char *data = b->allocator->realloc(b->allocator->user_data, b->data, capacity);
    if (!data) return false;
    b->data = data;
    b->capacity = capacity;
    return true;
}

bool lb_buffer_add(lb_buffer *b, const void *data, size_t size) {
    if (!lb_buffer_reserve(b, size)) return false;
    if (size) memcpy(b->data + b->size, data, size);
    b->size += size;
    b->data[b->size] = '\0';
    return true;
}

bool lb_buffer_text(lb_buffer *b, const char *text) {
    return lb_buffer_add(b, text, strlen(text));
}

bool lb_buffer_quoted(lb_buffer *b, const char *text, char quote) {
    static const char from[] = "\b\f\n\r\t", to[] = "bfnrt", hex[] = "0123456789abcdef";
    bool ok = lb_buffer_add(b, &quote, 1);
    for (; ok && *text; text++) {
        unsigned char c = (unsigned char)*text;
        const char *simple = strchr(from, c);
        const char letter = c == '\\' || *text == quote ? *text : simple ? to[simple - from] : 'u';
        const char escape[6] = { '\\', letter, '0', '0', hex[c >> 4], hex[c & 15] };
        if (letter != 'u') ok = lb_buffer_add(b, escape, 2);
        else if (c < 0x20) ok = lb_buffer_add(b, escape, 6);
        else ok = lb_buffer_add(b, text, 1);
    }
    return ok && lb_buffer_add(b, &quote, 1);
}

void lb_buffer_free(lb_buffer *b) {
    if (b->data) lb_release(b->allocator, b->data);
    b->data = NULL;
    b->size = b->capacity = 0;
}

/* Through a volatile pointer, so that the compiler does not drop writes to memory about to be freed. */
void lb_wipe(void *block, size_t size) {
    volatile unsigned char *p = block;
    while (size--) *p++ = 0;
}
