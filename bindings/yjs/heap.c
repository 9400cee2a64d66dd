/* heap.c - memory that is known block by block, failing, buffers, hashing. */
#include "internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Rings of blocks ---- */

static void close_ring(yj_block *head) {
    head->next = head->previous = head;
}

static void link_block(yj_block *head, yj_block *block) {
    block->previous = head;
    block->next = head->next;
    block->next->previous = block;
    head->next = block;
}

static void unlink_block(yj_block *block) {
    block->previous->next = block->next;
    block->next->previous = block->previous;
}

static void free_ring(yj_heap *heap, yj_block *head) {
    for (yj_block *block = head->next, *next; block != head; block = next) {
        next = block->next;
        heap->allocator.allocate(heap->allocator.data, block, sizeof *block + block->size, 0);
    }
    close_ring(head);
}

void yj_heap_open(yj_heap *heap, yj_allocator allocator) {
    *heap = (yj_heap){ .allocator = allocator };
    close_ring(&heap->kept);
    close_ring(&heap->fresh);
}

void yj_heap_clear(yj_heap *heap) {
    free_ring(heap, &heap->fresh);
    free_ring(heap, &heap->kept);
}

void yj_keep(yj_heap *heap) {
    yj_block *fresh = &heap->fresh, *kept = &heap->kept;
    if (fresh->next == fresh) return;
    fresh->next->previous = kept;
    fresh->previous->next = kept->next;
    kept->next->previous = fresh->previous;
    kept->next = fresh->next;
    close_ring(fresh);
}

/* ---- Failing ---- */

void yj_fail(yj_heap *heap, yj_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(heap->message, sizeof heap->message, format, arguments);
    va_end(arguments);
    heap->status = status;
    if (status == YJ_MEMORY) heap->dead = true;
    else free_ring(heap, &heap->fresh);
    longjmp(heap->jump, 1);
}

static _Noreturn void no_memory(yj_heap *heap) {
    yj_fail(heap, YJ_MEMORY, "not enough memory");
}

/* ---- Blocks ---- */

size_t yj_product(yj_heap *heap, size_t count, size_t size) {
    if (size && count > SIZE_MAX / 2 / size) no_memory(heap);
    return count * size;
}

static yj_block *block_of(const void *memory) {
    return (yj_block *)((uintptr_t)memory - sizeof(yj_block));
}

void *yj_allocate(yj_heap *heap, size_t size) {
    if (size > SIZE_MAX / 2) no_memory(heap);
    yj_block *block = heap->allocator.allocate(heap->allocator.data, NULL, 0, sizeof *block + size);
    if (!block) no_memory(heap);
    heap->allocations++;
    block->size = size;
    link_block(&heap->fresh, block);
    return block + 1;
}

void *yj_resize(yj_heap *heap, void *memory, size_t size) {
    if (!memory) return yj_allocate(heap, size);
    if (size > SIZE_MAX / 2) no_memory(heap);
    yj_block *block = block_of(memory);
    yj_block *moved =
        heap->allocator.allocate(heap->allocator.data, block, sizeof *block + block->size, sizeof *block + size);
    if (!moved) no_memory(heap);
    heap->allocations++;
    moved->size = size;
    moved->previous->next = moved->next->previous = moved;
    return moved + 1;
}

void yj_free(yj_heap *heap, const void *memory) {
    if (!memory) return;
    yj_block *block = block_of(memory);
    unlink_block(block);
    heap->allocator.allocate(heap->allocator.data, block, sizeof *block + block->size, 0);
}

yj_bytes *yj_bytes_new(yj_heap *heap, size_t capacity) {
    if (capacity > SIZE_MAX / 4) no_memory(heap);
    yj_bytes *bytes = yj_allocate(heap, sizeof *bytes + capacity);
    bytes->references = 1;
    bytes->used = 0;
    bytes->capacity = capacity;
    return bytes;
}

void yj_bytes_release(yj_heap *heap, yj_bytes *bytes) {
    if (bytes && --bytes->references == 0) yj_free(heap, bytes);
}

/* ---- Buffers ---- */

char *yj_buffer_space(yj_buffer *buffer, size_t size) {
    if (size > buffer->capacity - buffer->size) {
        if (size > SIZE_MAX / 8 || buffer->size > SIZE_MAX / 8) no_memory(buffer->heap);
        size_t capacity = buffer->capacity * 2 > buffer->size + size ? buffer->capacity * 2 : buffer->size + size + 32;
        buffer->at = yj_resize(buffer->heap, buffer->at, capacity);
        buffer->capacity = capacity;
    }
    return buffer->at + buffer->size;
}

void yj_put(yj_buffer *buffer, const void *bytes, size_t size) {
    if (!size) return;
    memcpy(yj_buffer_space(buffer, size), bytes, size);
    buffer->size += size;
}

void yj_put_byte(yj_buffer *buffer, int byte) {
    *yj_buffer_space(buffer, 1) = (char)byte;
    buffer->size++;
}

size_t yj_any_varuint(char out[10], uint64_t value) {
    size_t size = 0;
    for (; value > 0x7f; value >>= 7) out[size++] = (char)((value & 0x7f) | 0x80);
    out[size++] = (char)value;
    return size;
}

void yj_put_uint(yj_buffer *buffer, uint64_t value) {
    buffer->size += yj_any_varuint(yj_buffer_space(buffer, 10), value);
}

void yj_put_int(yj_buffer *buffer, bool negative, uint64_t magnitude) {
    yj_put_byte(buffer, (int)((magnitude > 0x3f ? 0x80u : 0) | (negative ? 0x40u : 0) | (magnitude & 0x3f)));
    magnitude >>= 6;
    if (magnitude) yj_put_uint(buffer, magnitude);
}

void yj_put_string(yj_buffer *buffer, yj_slice text) {
    yj_put_uint(buffer, text.size);
    yj_put(buffer, text.at, text.size);
}

/* ---- Hashing: SipHash-1-3 (https://www.aumasson.jp/siphash/), so that nobody can choose names that collide ---- */

static uint64_t rotate(uint64_t x, int bits) {
    return x << bits | x >> (64 - bits);
}

static void sip_round(uint64_t v[4]) {
    v[0] += v[1], v[1] = rotate(v[1], 13) ^ v[0], v[0] = rotate(v[0], 32);
    v[2] += v[3], v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3], v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1], v[1] = rotate(v[1], 17) ^ v[2], v[2] = rotate(v[2], 32);
}

uint64_t yj_hash(const uint64_t key[2], const void *bytes, size_t size) {
    uint64_t v[4] = { key[0] ^ UINT64_C(0x736f6d6570736575), key[1] ^ UINT64_C(0x646f72616e646f6d),
        key[0] ^ UINT64_C(0x6c7967656e657261), key[1] ^ UINT64_C(0x7465646279746573) };
    const unsigned char *p = bytes;
    size_t left = size;
    for (; left >= 8; left -= 8, p += 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)size << 56;
    for (size_t i = 0; i < left; i++) last |= (uint64_t)p[i] << (8 * i);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* ---- UTF-16 units ---- */

uint64_t yj_units(yj_slice text) {
    uint64_t units = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        units += (uint64_t)((byte & 0xC0) != 0x80) + (uint64_t)(byte >= 0xF0);
    }
    return units;
}

size_t yj_unit_offset(yj_slice text, uint64_t units, bool *inside) {
    size_t at = 0;
    *inside = false;
    while (units > 0 && at < text.size) {
        unsigned char byte = (unsigned char)text.at[at];
        size_t size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        if (size == 4 && units == 1) {
            *inside = true;
            break;
        }
        units -= size == 4 ? 2 : 1;
        at += size;
    }
    return at;
}
