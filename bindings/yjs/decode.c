/* decode.c - reads updates in both encodings, from bytes that nobody vouches for.
 *
 * v1 is one stream. v2 has a stream for each kind of number, mostly run-length encoded, and one for all texts. */
#include "internal.h"

#include "../text/utf8.h"

#include <string.h>

/* ---- Numbers and bytes ---- */

static _Noreturn void invalid(const yj_reader *reader, const char *what) {
    yj_fail(reader->heap, YJ_INVALID, "%s at byte %zu of %zu", what, (size_t)(reader->at - reader->start),
            (size_t)(reader->end - reader->start));
}

static int get_byte(yj_reader *reader) {
    if (reader->at == reader->end) invalid(reader, "it ends too early");
    return (unsigned char)*reader->at++;
}

uint64_t yj_get_uint(yj_reader *reader) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift <= 49; shift += 7) {
        int byte = get_byte(reader);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            if (value > YJ_LARGEST) break;
            return value;
        }
    }
    invalid(reader, "a number is too large");
}

uint64_t yj_get_int(yj_reader *reader, bool *negative) {
    int byte = get_byte(reader);
    *negative = byte & 0x40;
    uint64_t value = (uint64_t)(byte & 0x3f);
    for (unsigned shift = 6; byte >= 0x80; shift += 7) {
        if (shift > 48) invalid(reader, "a number is too large");
        byte = get_byte(reader);
        value |= (uint64_t)(byte & 0x7f) << shift;
    }
    return value;
}

yj_slice yj_get_slice(yj_reader *reader) {
    uint64_t size = yj_get_uint(reader);
    if (size > (uint64_t)(reader->end - reader->at)) invalid(reader, "it ends too early");
    yj_slice slice = { reader->at, (size_t)size };
    reader->at += size;
    return slice;
}

yj_slice yj_get_string(yj_reader *reader) {
    yj_slice text = yj_get_slice(reader);
    if (lb_utf8_check(text.at, text.size) != text.size) invalid(reader, "a string is not UTF-8");
    return text;
}

/* ---- Runs of numbers ---- */

static yj_rle open_rle(yj_reader *from) {
    yj_slice bytes = yj_get_slice(from);
    return (yj_rle){ .reader = { from->heap, bytes.at, bytes.at, bytes.at + bytes.size } };
}

static int rle_byte(yj_rle *rle) {
    if (rle->count == 0 && !rle->forever) {
        rle->value = (uint64_t)get_byte(&rle->reader);
        if (rle->reader.at < rle->reader.end) rle->count = yj_get_uint(&rle->reader) + 1;
        else rle->forever = true;
    }
    if (!rle->forever) rle->count--;
    return (int)rle->value;
}

static uint64_t rle_uint(yj_rle *rle) {
    if (rle->count == 0) {
        bool many;
        rle->value = yj_get_int(&rle->reader, &many);
        rle->count = many ? yj_get_uint(&rle->reader) + 2 : 1;
        if (rle->value > YJ_LARGEST) invalid(&rle->reader, "a number is too large");
    }
    rle->count--;
    return rle->value;
}

static uint64_t rle_difference(yj_rle *rle) {
    if (rle->count == 0) {
        bool negative;
        int64_t number = (int64_t)yj_get_int(&rle->reader, &negative);
        if (negative) number = -number;
        bool many = number & 1;
        rle->difference = (number - (many ? 1 : 0)) / 2;
        rle->count = many ? yj_get_uint(&rle->reader) + 2 : 1;
    }
    int64_t value = (int64_t)rle->value + rle->difference;
    if (value < 0 || (uint64_t)value > YJ_LARGEST) invalid(&rle->reader, "a number is out of range");
    rle->value = (uint64_t)value;
    rle->count--;
    return rle->value;
}

/* ---- Decoders ---- */

void yj_decoder_open(yj_heap *heap, yj_decoder *decoder, yj_slice update, int version) {
    memset(decoder, 0, sizeof *decoder);
    decoder->version = version;
    decoder->rest = (yj_reader){ heap, update.at, update.at, update.at + update.size };
    decoder->scratch.heap = heap;
    decoder->budget = heap->trusted ? UINT64_MAX : UINT64_C(1000000) + 16 * (uint64_t)update.size;
    if (version != YJ_V2) return;
    yj_reader *rest = &decoder->rest;
    yj_get_uint(rest); /* flags, none so far */
    decoder->streams = yj_allocate(heap, sizeof *decoder->streams);
    memset(decoder->streams, 0, sizeof *decoder->streams);
    decoder->streams->key_clock = open_rle(rest);
    decoder->streams->client = open_rle(rest);
    decoder->streams->left = open_rle(rest);
    decoder->streams->right = open_rle(rest);
    decoder->streams->info = open_rle(rest);
    decoder->streams->lengths = open_rle(rest);
    yj_slice text = yj_get_string(&decoder->streams->lengths.reader);
    decoder->streams->strings = (yj_reader){ heap, text.at, text.at, text.at + text.size };
    decoder->streams->parent = open_rle(rest);
    decoder->streams->type_kind = open_rle(rest);
    decoder->streams->length = open_rle(rest);
}

void yj_decoder_close(yj_decoder *decoder) {
    yj_heap *heap = decoder->rest.heap;
    for (size_t i = 0; i < decoder->scraps.count; i++) yj_free(heap, decoder->scraps.list[i]);
    yj_free(heap, decoder->scraps.list);
    if (decoder->streams) yj_free(heap, decoder->streams->keys.list);
    yj_free(heap, decoder->streams);
    yj_free(heap, decoder->scratch.at);
}

static void spend(yj_decoder *decoder) {
    if (decoder->budget-- == 0) yj_fail(decoder->rest.heap, YJ_INVALID, "it stands for more structs than its size allows");
}

static yj_slice keep_scrap(yj_decoder *decoder, yj_buffer *buffer) {
    yj_heap *heap = decoder->rest.heap;
    if (!buffer->at) yj_buffer_space(buffer, 1);
    YJ_GROW(heap, &decoder->scraps);
    decoder->scraps.list[decoder->scraps.count++] = buffer->at;
    return (yj_slice){ buffer->at, buffer->size };
}

/* The next text of v2: so many units of all texts. Halves of a pair, which two texts can have, become U+FFFD. */
static yj_slice next_text(yj_decoder *decoder) {
    yj_reader *strings = &decoder->streams->strings;
    uint64_t units = rle_uint(&decoder->streams->lengths);
    yj_slice rest = { strings->at, (size_t)(strings->end - strings->at) };
    if (units > rest.size + decoder->streams->half) invalid(strings, "the texts end too early");
    if (units == 0) return (yj_slice){ rest.at, 0 };
    bool second = decoder->streams->half == 1, first = false;
    if (second) units--;
    decoder->streams->half = 0;
    size_t size = yj_unit_offset(rest, units, &first);
    if (!first && yj_units((yj_slice){ rest.at, size }) < units) invalid(strings, "the texts end too early");
    strings->at += size;
    if (!second && !first) return (yj_slice){ rest.at, size };
    yj_buffer text = { .heap = strings->heap };
    if (second) yj_put(&text, "\xef\xbf\xbd", 3);
    yj_put(&text, rest.at, size);
    if (first) {
        yj_put(&text, "\xef\xbf\xbd", 3);
        strings->at += 4;
        decoder->streams->half = 1;
    }
    return keep_scrap(decoder, &text);
}

static bool is_v2(const yj_decoder *decoder) {
    return decoder->version == YJ_V2;
}

static yj_slice get_text(yj_decoder *decoder) {
    return is_v2(decoder) ? next_text(decoder) : yj_get_string(&decoder->rest);
}

static yj_id get_id(yj_decoder *decoder, bool right) {
    yj_id id;
    yj_rle *clocks = !is_v2(decoder) ? NULL : right ? &decoder->streams->right : &decoder->streams->left;
    id.client = is_v2(decoder) ? rle_uint(&decoder->streams->client) : yj_get_uint(&decoder->rest);
    id.clock = is_v2(decoder) ? rle_difference(clocks) : yj_get_uint(&decoder->rest);
    return id;
}

static uint64_t get_length(yj_decoder *decoder) {
    return is_v2(decoder) ? rle_uint(&decoder->streams->length) : yj_get_uint(&decoder->rest);
}

static yj_slice get_key(yj_decoder *decoder) {
    if (!is_v2(decoder)) return yj_get_string(&decoder->rest);
    uint64_t clock = rle_difference(&decoder->streams->key_clock);
    if (clock < decoder->streams->keys.count) return decoder->streams->keys.list[clock];
    yj_slice key = next_text(decoder);
    YJ_GROW(decoder->rest.heap, &decoder->streams->keys);
    decoder->streams->keys.list[decoder->streams->keys.count++] = key;
    return key;
}

static yj_slice get_any(yj_decoder *decoder, uint64_t count) {
    yj_reader *rest = &decoder->rest;
    const char *start = rest->at;
    for (; count; count--) {
        const char *next = yj_any_skip(rest->at, rest->end);
        if (!next) invalid(rest, "a value is not valid");
        rest->at = next;
    }
    return (yj_slice){ start, (size_t)(rest->at - start) };
}

static void check_json(yj_decoder *decoder, yj_slice json) {
    decoder->scratch.size = 0;
    yj_json_to_any(decoder->rest.heap, json, &decoder->scratch);
}

/* The value of a format or an embed. */
static void get_value(yj_decoder *decoder, yj_struct *out) {
    out->json = !is_v2(decoder);
    out->data = out->json ? yj_get_string(&decoder->rest) : get_any(decoder, 1);
    if (out->json) check_json(decoder, out->data);
}

static void get_json_list(yj_decoder *decoder, yj_struct *out) {
    yj_buffer texts = { .heap = decoder->rest.heap };
    const char *start = decoder->rest.at;
    for (uint64_t i = 0; i < out->length; i++) {
        spend(decoder);
        yj_slice text = get_text(decoder);
        check_json(decoder, text);
        if (is_v2(decoder)) yj_put_string(&texts, text);
    }
    if (is_v2(decoder)) out->data = keep_scrap(decoder, &texts);
    else out->data = (yj_slice){ start, (size_t)(decoder->rest.at - start) };
}

static void get_type(yj_decoder *decoder, yj_struct *out) {
    out->type_kind = is_v2(decoder) ? rle_uint(&decoder->streams->type_kind) : yj_get_uint(&decoder->rest);
    if (out->type_kind > YJ_XML_TEXT) invalid(&decoder->rest, "there is no shared type of that number");
    if (out->type_kind == YJ_XML_ELEMENT || out->type_kind == YJ_XML_HOOK) out->name = get_key(decoder);
}

static void get_content(yj_decoder *decoder, yj_struct *out) {
    out->length = 1;
    switch (out->kind) {
        case YJ_DELETED: out->length = get_length(decoder); break;
        case YJ_JSON:
            out->length = get_length(decoder);
            get_json_list(decoder, out);
            break;
        case YJ_BINARY: out->data = yj_get_slice(&decoder->rest); break;
        case YJ_STRING:
            out->data = get_text(decoder);
            out->length = yj_units(out->data);
            break;
        case YJ_EMBED: get_value(decoder, out); break;
        case YJ_FORMAT:
            out->name = get_key(decoder);
            get_value(decoder, out);
            break;
        case YJ_TYPE: get_type(decoder, out); break;
        case YJ_ANY:
            out->length = get_length(decoder);
            out->data = get_any(decoder, out->length);
            break;
        case YJ_SUBDOC:
            out->name = get_text(decoder);
            out->data = get_any(decoder, 1);
            break;
        default: invalid(&decoder->rest, "there is no content of that number");
    }
}

static void get_neighbours(yj_decoder *decoder, yj_struct *out, int info) {
    out->has_origin = info & 0x80;
    out->has_right = info & 0x40;
    if (out->has_origin) out->origin = get_id(decoder, false);
    if (out->has_right) out->right = get_id(decoder, true);
    if (out->has_origin || out->has_right) return; /* the key is that of the neighbour */
    out->has_sub = info & 0x20;
    out->has_parent_name = (is_v2(decoder) ? (uint64_t)rle_byte(&decoder->streams->parent) : yj_get_uint(&decoder->rest)) == 1;
    out->has_parent_id = !out->has_parent_name;
    if (out->has_parent_name) out->parent_name = get_text(decoder);
    else out->parent = get_id(decoder, false);
    if (out->has_sub) out->sub = get_text(decoder);
}

static bool comes_before(const yj_struct *one, yj_id id) {
    return id.client != one->client || id.clock < one->clock;
}

static void get_struct(yj_decoder *decoder, yj_struct *out) {
    int info = is_v2(decoder) ? rle_byte(&decoder->streams->info) : get_byte(&decoder->rest);
    spend(decoder);
    out->kind = (yj_kind)(info & 0x1f);
    if (out->kind == YJ_GC) {
        out->length = get_length(decoder);
    } else if (out->kind == YJ_SKIP) {
        out->length = yj_get_uint(&decoder->rest);
    } else {
        get_neighbours(decoder, out, info);
        get_content(decoder, out);
    }
    if (out->length == 0) invalid(&decoder->rest, "an empty struct");
    if (out->length > YJ_LARGEST - out->clock) invalid(&decoder->rest, "a clock is too large");
    if ((out->has_origin && !comes_before(out, out->origin)) || (out->has_right && !comes_before(out, out->right)) ||
        (out->has_parent_id && !comes_before(out, out->parent)))
        invalid(&decoder->rest, "a struct stands beside one that comes later");
}

void yj_structs_open(yj_struct_reader *reader, yj_decoder *decoder, bool skip_skips) {
    *reader = (yj_struct_reader){ .decoder = decoder, .skip_skips = skip_skips };
    reader->clients = yj_get_uint(&decoder->rest);
    yj_structs_next(reader);
}

static bool read_struct(yj_struct_reader *reader) {
    yj_decoder *decoder = reader->decoder;
    while (reader->structs == 0) {
        if (reader->clients == 0) return false;
        reader->clients--;
        reader->structs = yj_get_uint(&decoder->rest);
        reader->client = is_v2(decoder) ? rle_uint(&decoder->streams->client) : yj_get_uint(&decoder->rest);
        reader->clock = yj_get_uint(&decoder->rest);
    }
    reader->structs--;
    reader->current = (yj_struct){ .client = reader->client, .clock = reader->clock };
    get_struct(decoder, &reader->current);
    reader->clock += reader->current.length;
    return true;
}

bool yj_structs_next(yj_struct_reader *reader) {
    if (reader->done) return false;
    do reader->done = !read_struct(reader);
    while (!reader->done && reader->skip_skips && reader->current.kind == YJ_SKIP);
    return !reader->done;
}

/* ---- Deleted ranges ---- */

void yj_ranges_add(yj_heap *heap, yj_ranges *ranges, uint64_t client, uint64_t clock, uint64_t length) {
    if (ranges->count) {
        yj_range *last = &ranges->list[ranges->count - 1];
        if (last->client == client && last->clock + last->length == clock) {
            last->length += length;
            return;
        }
    }
    YJ_GROW(heap, ranges);
    ranges->list[ranges->count++] = (yj_range){ client, clock, length };
}

void yj_ranges_read_part(yj_decoder *decoder, yj_ranges *ranges) {
    yj_reader *rest = &decoder->rest;
    for (uint64_t clients = yj_get_uint(rest); clients; clients--) {
        uint64_t client = yj_get_uint(rest), clock = 0;
        for (uint64_t count = yj_get_uint(rest); count; count--) {
            uint64_t from = yj_get_uint(rest), length = yj_get_uint(rest);
            if (is_v2(decoder)) from += clock, length++;
            if (from > YJ_LARGEST || length > YJ_LARGEST - from) invalid(rest, "a clock is too large");
            clock = from + length;
            if (length) yj_ranges_add(rest->heap, ranges, client, from, length);
        }
    }
}

void yj_ranges_read(yj_decoder *decoder, yj_ranges *ranges) {
    yj_ranges_read_part(decoder, ranges);
    if (decoder->rest.at != decoder->rest.end) invalid(&decoder->rest, "more bytes after it");
}

static bool range_after(const yj_range *a, const yj_range *b) {
    return a->client != b->client ? a->client < b->client : a->clock > b->clock;
}

/* Heap sort: no recursion, no bad case. */
static void sink(yj_range *list, size_t root, size_t count) {
    yj_range moved = list[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count && range_after(&list[child + 1], &list[child])) child++;
        if (!range_after(&list[child], &moved)) break;
        list[root] = list[child];
    }
    list[root] = moved;
}

void yj_ranges_sort(yj_heap *heap, yj_ranges *ranges, bool merge) {
    yj_range *list = ranges->list;
    size_t count = ranges->count, i = 1;
    heap->steps += count;
    while (i < count && !range_after(&list[i - 1], &list[i])) i++;
    if (i < count) {
        for (i = count / 2; i > 0; i--) sink(list, i - 1, count);
        for (i = count; i > 1; i--) {
            yj_range last = list[i - 1];
            list[i - 1] = list[0];
            list[0] = last;
            sink(list, 0, i - 1);
        }
    }
    if (!merge || count == 0) return;
    size_t to = 0;
    for (i = 1; i < count; i++) {
        yj_range *left = &list[to], *right = &list[i];
        if (left->client == right->client && left->clock + left->length >= right->clock) {
            uint64_t length = right->clock + right->length - left->clock;
            if (length > left->length) left->length = length;
        } else {
            list[++to] = *right;
        }
    }
    ranges->count = to + 1;
}

bool yj_ranges_hold(const yj_ranges *ranges, uint64_t client, uint64_t clock) {
    size_t low = 0, high = ranges->count; /* the first range that begins after the clock */
    yj_range wanted = { client, clock, 0 };
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (range_after(&ranges->list[middle], &wanted)) high = middle;
        else low = middle + 1;
    }
    if (low == 0) return false;
    const yj_range *found = &ranges->list[low - 1];
    return found->client == client && clock - found->clock < found->length;
}

/* ---- State vectors ---- */

static void states_sort(yj_heap *heap, yj_states *states) {
    yj_ranges order = { 0 };
    for (size_t i = 0; i < states->count; i++) {
        YJ_GROW(heap, &order);
        order.list[order.count++] = (yj_range){ states->list[i].client, i, states->list[i].clock };
    }
    yj_ranges_sort(heap, &order, false);
    size_t to = 0;
    for (size_t i = 0; i < order.count; i++) { /* of a client that is in it twice the last state counts */
        if (to && states->list[to - 1].client == order.list[i].client) to--;
        states->list[to++] = (yj_id){ order.list[i].client, order.list[i].length };
    }
    states->count = to;
    yj_free(heap, order.list);
}

void yj_states_read(yj_reader *reader, yj_states *states) {
    for (uint64_t count = yj_get_uint(reader); count; count--) {
        YJ_GROW(reader->heap, states);
        yj_id *state = &states->list[states->count++];
        state->client = yj_get_uint(reader);
        state->clock = yj_get_uint(reader);
    }
    if (reader->at != reader->end) invalid(reader, "more bytes after a state vector");
    states_sort(reader->heap, states);
}

uint64_t yj_states_of(const yj_states *states, uint64_t client) {
    size_t low = 0, high = states->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (states->list[middle].client > client) low = middle + 1;
        else high = middle;
    }
    return low < states->count && states->list[low].client == client ? states->list[low].clock : 0;
}

void yj_states_write(yj_buffer *out, const yj_states *states) {
    yj_put_uint(out, states->count);
    for (size_t i = 0; i < states->count; i++) {
        yj_put_uint(out, states->list[i].client);
        yj_put_uint(out, states->list[i].clock);
    }
}
