/* encode.c - writes updates in both encodings, byte for byte as Yjs does. */
#include "internal.h"

#include <string.h>

/* ---- Runs of numbers ---- */

static void rle_byte(yj_rle_out *rle, int value) {
    if (rle->count && rle->value == (uint64_t)value) {
        rle->count++;
        return;
    }
    if (rle->count) yj_put_uint(&rle->buffer, rle->count - 1);
    yj_put_byte(&rle->buffer, value);
    rle->value = (uint64_t)value;
    rle->count = 1;
}

static void flush_uint(yj_rle_out *rle) {
    if (!rle->count) return;
    yj_put_int(&rle->buffer, rle->count > 1, rle->value);
    if (rle->count > 1) yj_put_uint(&rle->buffer, rle->count - 2);
}

static void rle_uint(yj_rle_out *rle, uint64_t value) {
    if (rle->value == value) {
        rle->count++;
        return;
    }
    flush_uint(rle);
    rle->value = value;
    rle->count = 1;
}

static void flush_difference(yj_rle_out *rle) {
    if (!rle->count) return;
    int64_t number = rle->difference * 2 + (rle->count > 1 ? 1 : 0);
    yj_put_int(&rle->buffer, number < 0, (uint64_t)(number < 0 ? -number : number));
    if (rle->count > 1) yj_put_uint(&rle->buffer, rle->count - 2);
}

static void rle_difference(yj_rle_out *rle, uint64_t value) {
    int64_t difference = (int64_t)value - (int64_t)rle->value;
    rle->value = value;
    if (rle->difference == difference) {
        rle->count++;
        return;
    }
    flush_difference(rle);
    rle->difference = difference;
    rle->count = 1;
}

/* ---- Encoders ---- */

void yj_encoder_open(yj_heap *heap, yj_encoder *encoder, int version) {
    memset(encoder, 0, sizeof *encoder);
    encoder->heap = heap;
    encoder->version = version;
    yj_buffer *buffers[] = { &encoder->rest, &encoder->strings, &encoder->parts, &encoder->key_clock.buffer,
        &encoder->client.buffer, &encoder->left.buffer, &encoder->right.buffer, &encoder->info.buffer,
        &encoder->lengths.buffer, &encoder->parent.buffer, &encoder->type_kind.buffer, &encoder->length.buffer };
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) buffers[i]->heap = heap;
}

static bool is_v2(const yj_encoder *encoder) {
    return encoder->version == YJ_V2;
}

static void put_text(yj_encoder *encoder, yj_slice text) {
    if (is_v2(encoder)) {
        yj_put(&encoder->strings, text.at, text.size);
        rle_uint(&encoder->lengths, yj_units(text));
    } else {
        yj_put_string(&encoder->rest, text);
    }
}

static void encode_client(yj_encoder *encoder, uint64_t client) {
    if (is_v2(encoder)) rle_uint(&encoder->client, client);
    else yj_put_uint(&encoder->rest, client);
}

static void put_id(yj_encoder *encoder, yj_rle_out *clocks, yj_id id) {
    encode_client(encoder, id.client);
    if (is_v2(encoder)) rle_difference(clocks, id.clock);
    else yj_put_uint(&encoder->rest, id.clock);
}

static void put_length(yj_encoder *encoder, uint64_t length) {
    if (is_v2(encoder)) rle_uint(&encoder->length, length);
    else yj_put_uint(&encoder->rest, length);
}

static void put_info(yj_encoder *encoder, int info) {
    if (is_v2(encoder)) rle_byte(&encoder->info, info);
    else yj_put_byte(&encoder->rest, info);
}

static void put_key(yj_encoder *encoder, yj_slice key) {
    if (is_v2(encoder)) rle_difference(&encoder->key_clock, encoder->keys++);
    put_text(encoder, key);
}

/* v1 has JSON texts, v2 any bytes. */
static void put_value(yj_encoder *encoder, const yj_struct *one) {
    yj_buffer made = { .heap = encoder->heap };
    if (is_v2(encoder) && one->json) {
        yj_json_to_any(encoder->heap, one->data, &encoder->rest);
    } else if (is_v2(encoder)) {
        yj_put(&encoder->rest, one->data.at, one->data.size);
    } else if (one->json) {
        yj_put_string(&encoder->rest, one->data);
    } else {
        yj_any_to_json(encoder->heap, one->data, &made);
        yj_put_string(&encoder->rest, (yj_slice){ made.at, made.size });
        yj_free(encoder->heap, made.at);
    }
}

static void put_json_list(yj_encoder *encoder, const yj_struct *one) {
    yj_reader reader = { encoder->heap, one->data.at, one->data.at, one->data.at + one->data.size };
    put_length(encoder, one->length);
    while (reader.at < reader.end) put_text(encoder, yj_get_slice(&reader));
}

static void put_content(yj_encoder *encoder, const yj_struct *one) {
    switch (one->kind) {
        case YJ_DELETED: put_length(encoder, one->length); break;
        case YJ_JSON: put_json_list(encoder, one); break;
        case YJ_BINARY: yj_put_string(&encoder->rest, one->data); break;
        case YJ_STRING: put_text(encoder, one->data); break;
        case YJ_EMBED: put_value(encoder, one); break;
        case YJ_FORMAT:
            put_key(encoder, one->name);
            put_value(encoder, one);
            break;
        case YJ_TYPE:
            if (is_v2(encoder)) rle_uint(&encoder->type_kind, one->type_kind);
            else yj_put_uint(&encoder->rest, one->type_kind);
            if (one->type_kind == YJ_XML_ELEMENT || one->type_kind == YJ_XML_HOOK) put_key(encoder, one->name);
            break;
        case YJ_ANY:
            put_length(encoder, one->length);
            yj_put(&encoder->rest, one->data.at, one->data.size);
            break;
        case YJ_SUBDOC:
            put_text(encoder, one->name);
            yj_put(&encoder->rest, one->data.at, one->data.size);
            break;
        default: break;
    }
}

static void put_parent(yj_encoder *encoder, const yj_struct *one) {
    if (is_v2(encoder)) rle_byte(&encoder->parent, one->has_parent_name);
    else yj_put_uint(&encoder->rest, one->has_parent_name);
    if (one->has_parent_name) put_text(encoder, one->parent_name);
    else put_id(encoder, &encoder->left, one->parent);
    if (one->has_sub) put_text(encoder, one->sub);
}

/* The data of a struct without its first units. A surrogate pair that this divides becomes U+FFFD. */
static yj_slice rest_of_data(yj_heap *heap, const yj_struct *one, uint64_t skip, yj_buffer *made) {
    yj_slice data = one->data;
    if (!data.size) return data;
    const char *at = data.at, *end = data.at + data.size;
    if (one->kind == YJ_STRING) {
        bool inside;
        size_t offset = yj_unit_offset(data, skip, &inside);
        if (!inside) return (yj_slice){ at + offset, data.size - offset };
        made->heap = heap;
        yj_put(made, "\xef\xbf\xbd", 3);
        yj_put(made, at + offset + 4, data.size - offset - 4);
        return (yj_slice){ made->at, made->size };
    }
    if (one->kind == YJ_ANY) {
        for (; skip; skip--) at = yj_any_skip(at, end);
    } else if (one->kind == YJ_JSON) {
        yj_reader reader = { heap, at, at, end };
        for (; skip; skip--) yj_get_slice(&reader);
        at = reader.at;
    }
    return (yj_slice){ at, (size_t)(end - at) };
}

void yj_slice_struct(yj_heap *heap, yj_struct *one, uint64_t skip) {
    yj_buffer made = { 0 };
    if (one->kind != YJ_GC && one->kind != YJ_SKIP) {
        one->data = rest_of_data(heap, one, skip, &made);
        one->has_origin = true;
        one->origin = (yj_id){ one->client, one->clock + skip - 1 };
    }
    one->clock += skip;
    one->length -= skip;
}

static void encode_struct(yj_encoder *encoder, const yj_struct *one, uint64_t skip) {
    if (one->kind == YJ_GC || one->kind == YJ_SKIP) {
        put_info(encoder, (int)one->kind);
        if (one->kind == YJ_GC) put_length(encoder, one->length - skip);
        else yj_put_uint(&encoder->rest, one->length - skip);
        return;
    }
    yj_struct sliced;
    const char *made = NULL;
    if (skip) {
        sliced = *one;
        yj_slice_struct(encoder->heap, &sliced, skip);
        if (sliced.data.at && (sliced.data.at < one->data.at || sliced.data.at > one->data.at + one->data.size))
            made = sliced.data.at;
        one = &sliced;
    }
    put_info(encoder, (int)one->kind | (one->has_origin ? 0x80 : 0) | (one->has_right ? 0x40 : 0) | (one->has_sub ? 0x20 : 0));
    if (one->has_origin) put_id(encoder, &encoder->left, one->origin);
    if (one->has_right) put_id(encoder, &encoder->right, one->right);
    if (!one->has_origin && !one->has_right) put_parent(encoder, one);
    put_content(encoder, one);
    yj_free(encoder->heap, made);
}

static void flush_part(yj_encoder *encoder) {
    if (!encoder->written) return;
    yj_put_uint(&encoder->parts, encoder->written);
    yj_put(&encoder->parts, encoder->rest.at, encoder->rest.size);
    encoder->rest.size = 0;
    encoder->written = 0;
    encoder->part_count++;
}

void yj_write_struct(yj_encoder *encoder, const yj_struct *one, uint64_t skip) {
    if (encoder->part_client != one->client) flush_part(encoder);
    if (!encoder->written) {
        encoder->part_client = one->client;
        encode_client(encoder, one->client);
        yj_put_uint(&encoder->rest, one->clock + skip);
    }
    encode_struct(encoder, one, skip);
    encoder->written++;
}

void yj_write_structs_end(yj_encoder *encoder) {
    flush_part(encoder);
    yj_put_uint(&encoder->rest, encoder->part_count);
    yj_put(&encoder->rest, encoder->parts.at, encoder->parts.size);
}

void yj_encode_ranges(yj_encoder *encoder, const yj_ranges *ranges) {
    yj_buffer *rest = &encoder->rest;
    uint64_t clients = 0;
    for (size_t i = 0; i < ranges->count; i++)
        clients += (uint64_t)(i == 0 || ranges->list[i].client != ranges->list[i - 1].client);
    yj_put_uint(rest, clients);
    for (size_t i = 0, next; i < ranges->count; i = next) {
        for (next = i; next < ranges->count && ranges->list[next].client == ranges->list[i].client;) next++;
        yj_put_uint(rest, ranges->list[i].client);
        yj_put_uint(rest, next - i);
        uint64_t clock = 0;
        for (size_t k = i; k < next; k++) {
            const yj_range *range = &ranges->list[k];
            yj_put_uint(rest, is_v2(encoder) ? range->clock - clock : range->clock);
            yj_put_uint(rest, is_v2(encoder) ? range->length - 1 : range->length);
            clock = range->clock + range->length;
        }
    }
}

static void append_part(yj_buffer *out, yj_buffer *part) {
    yj_put_string(out, (yj_slice){ part->at, part->size });
    yj_free(out->heap, part->at);
}

yj_slice yj_encoder_close(yj_encoder *encoder) {
    yj_heap *heap = encoder->heap;
    yj_free(heap, encoder->parts.at);
    yj_buffer out = encoder->rest;
    if (is_v2(encoder)) {
        yj_rle_out *lengths = &encoder->lengths;
        flush_difference(&encoder->key_clock);
        flush_uint(&encoder->client);
        flush_difference(&encoder->left);
        flush_difference(&encoder->right);
        flush_uint(lengths);
        flush_uint(&encoder->type_kind);
        flush_uint(&encoder->length);
        yj_buffer texts = { .heap = heap };
        yj_put_string(&texts, (yj_slice){ encoder->strings.at, encoder->strings.size });
        yj_put(&texts, lengths->buffer.at, lengths->buffer.size);
        yj_free(heap, encoder->strings.at);
        yj_free(heap, lengths->buffer.at);
        out = (yj_buffer){ .heap = heap };
        yj_put_byte(&out, 0);
        append_part(&out, &encoder->key_clock.buffer);
        append_part(&out, &encoder->client.buffer);
        append_part(&out, &encoder->left.buffer);
        append_part(&out, &encoder->right.buffer);
        append_part(&out, &encoder->info.buffer);
        append_part(&out, &texts);
        append_part(&out, &encoder->parent.buffer);
        append_part(&out, &encoder->type_kind.buffer);
        append_part(&out, &encoder->length.buffer);
        yj_put(&out, encoder->rest.at, encoder->rest.size);
        yj_free(heap, encoder->rest.at);
    }
    return (yj_slice){ out.at, out.size };
}
