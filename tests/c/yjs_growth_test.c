/* yjs_growth_test.c - what documents of the worst kinds cost: with four times as much of it, four times the steps, or a
 * little more. Steps are counted, so that no clock is asked. */
#include "yjs_document.h"

#include <stdio.h>

enum { SMALL = 1000, LARGE = 4 * SMALL };

static void must_grow_linearly(const char *what, uint64_t (*steps_of)(size_t)) {
    uint64_t small = steps_of(SMALL), large = steps_of(LARGE);
    if (large >= 6 * small) fail_msg("%s: %llu steps, %llu for four times as much", what, (unsigned long long)small, (unsigned long long)large);
}

static yj_doc *opened(yj_slice update, uint64_t *steps) {
    yj_doc *doc = open_doc(UINT32_MAX, false);
    uint64_t before = yj_steps(doc);
    assert_true(yj_apply(doc, update, YJ_V1, true));
    *steps = yj_steps(doc) - before;
    return doc;
}

/* ---- Clients ---- */

static yj_slice many_clients(size_t count, bool keyed) {
    yj_slice *updates = malloc(count * sizeof *updates);
    for (size_t i = 0; i < count; i++) {
        yj_doc *doc = open_doc(i + 1, false);
        yj_new content = { .kind = YJ_ANY, .data = SLICE("\x78"), .count = 1 };
        if (keyed) assert_true(yj_map_set(doc, root_of(doc, "m", YJ_MAP), text_slice("key"), &content, NULL));
        else insert_text(doc, 0, "x");
        updates[i] = edits_of(doc);
        yj_close(doc);
    }
    yj_slice merged = merge_all(updates, count);
    free(updates);
    return merged;
}

static uint64_t clients_at_one_place(size_t count) {
    yj_slice update = many_clients(count, false);
    uint64_t steps;
    yj_doc *doc = opened(update, &steps);
    assert_int_equal(yj_type_length(text_of(doc)), count);
    free_slice(update);
    yj_close(doc);
    return steps;
}

static uint64_t clients_that_set_one_key(size_t count) {
    yj_slice update = many_clients(count, true);
    uint64_t steps;
    yj_doc *doc = opened(update, &steps);
    yj_value value;
    assert_true(yj_map_get(doc, root_of(doc, "m", YJ_MAP), text_slice("key"), &value));
    free_slice(update);
    yj_close(doc);
    return steps;
}

static uint64_t sets_of_one_key(size_t count) {
    yj_doc *doc = open_doc(1, false);
    yj_new content = { .kind = YJ_ANY, .data = SLICE("\x78"), .count = 1 };
    for (size_t i = 0; i < count; i++)
        assert_true(yj_map_set(doc, root_of(doc, "m", YJ_MAP), text_slice("key"), &content, NULL));
    uint64_t steps = yj_steps(doc);
    yj_close(doc);
    return steps;
}

/* ---- Formats ---- */

/* "a" with as many formats as wanted, which end after it, then "b". */
static yj_doc *with_formats(size_t count) {
    yj_doc *doc = open_doc(1, false);
    yj_attribute *list = malloc(count * sizeof *list);
    char (*names)[24] = malloc(count * sizeof *names);
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "k%zu", i);
        list[i] = (yj_attribute){ text_slice(names[i]), SLICE("\x78") };
    }
    yj_attributes with = { list, count };
    insert_text(doc, 0, "b");
    yj_new content = { .kind = YJ_STRING, .data = text_slice("a"), .count = 1 };
    assert_true(yj_text_insert(doc, text_of(doc), 0, &content, &with, NULL));
    free(list);
    free(names);
    return doc;
}

static uint64_t formats_at_one_place(size_t count) {
    yj_doc *doc = with_formats(count);
    yj_slice all = state_of(doc, YJ_V1);
    yj_close(doc);
    uint64_t steps, begin;
    doc = opened(all, &steps);
    begin = yj_steps(doc);
    yj_delta *delta;
    assert_true(yj_text_delta(doc, text_of(doc), (yj_slice){ NULL, 0 }, (yj_slice){ NULL, 0 }, &delta));
    assert_int_equal(delta->count, 2);
    assert_int_equal(delta->parts[0].count, count);
    yj_release(doc, delta);
    yj_attribute bold = { text_slice("bold"), SLICE("\x78") };
    yj_attributes with = { &bold, 1 };
    assert_true(yj_text_format(doc, text_of(doc), 0, 2, &with));
    assert_true(yj_text_delete(doc, text_of(doc), 0, 1));
    steps += yj_steps(doc) - begin;
    free_slice(all);
    yj_close(doc);
    return steps;
}

/* Typing among them looks at none. */
static uint64_t typing_after_formats(size_t count) {
    yj_doc *doc = with_formats(count);
    uint64_t begin = yj_steps(doc);
    for (int i = 0; i < 100; i++) insert_text(doc, 2, "x");
    uint64_t steps = yj_steps(doc) - begin;
    yj_close(doc);
    return steps;
}

/* Others delete, character by character, what stands between two formats. */
static uint64_t deletes_beside_formats(size_t count) {
    yj_doc *doc = open_doc(1, false);
    yj_attribute bold = { text_slice("bold"), SLICE("\x78") };
    yj_attributes with = { &bold, 1 };
    for (size_t i = 0; i < count; i++) insert_text(doc, 0, "x"); /* each an item */
    assert_true(yj_text_format(doc, text_of(doc), 0, count / 2, &with));
    yj_slice all = state_of(doc, YJ_V1), parts[2] = { { NULL, 0 } };
    free_slice(edits_of(doc));
    for (size_t i = 0; i < count; i++) assert_true(yj_text_delete(doc, text_of(doc), 0, 1));
    parts[0] = edits_of(doc);
    yj_close(doc);
    uint64_t steps, more;
    doc = opened(all, &steps);
    more = yj_steps(doc);
    assert_true(yj_apply(doc, parts[0], YJ_V1, true));
    steps += yj_steps(doc) - more;
    assert_int_equal(yj_type_length(text_of(doc)), 0);
    free_slice(all), free_slice(parts[0]);
    yj_close(doc);
    return steps;
}

/* ---- Depth ---- */

static uint64_t types_in_types(size_t count) {
    yj_doc *doc = open_doc(1, false);
    yj_type *type = root_of(doc, "a", YJ_ARRAY), *made;
    yj_new content = { .kind = YJ_TYPE, .type_kind = YJ_ARRAY, .count = 1 };
    for (size_t i = 0; i < count; i++) {
        assert_true(yj_list_insert(doc, type, 0, &content, &made));
        type = made;
    }
    yj_slice all = state_of(doc, YJ_V1);
    yj_close(doc);
    uint64_t steps, begin;
    doc = opened(all, &steps);
    begin = yj_steps(doc);
    assert_true(yj_list_delete(doc, root_of(doc, "a", YJ_ARRAY), 0, 1));
    steps += yj_steps(doc) - begin;
    free_slice(all);
    yj_close(doc);
    return steps;
}

/* ---- Edits ---- */

static uint64_t small_edits(size_t count) {
    yj_doc *doc = open_doc(1, false);
    uint64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t length = yj_type_length(text_of(doc));
        at = (at * 1103515245 + 12345) % (length + 1);
        if (i % 5 == 4) assert_true(yj_text_delete(doc, text_of(doc), at % length, 1));
        else insert_text(doc, at, "ab");
    }
    uint64_t steps = yj_steps(doc);
    yj_close(doc);
    return steps;
}

/* Each update waits for the next one, which comes later. */
static uint64_t updates_from_the_last_to_the_first(size_t count) {
    yj_doc *doc = open_doc(1, false);
    yj_slice *updates = malloc(count * sizeof *updates);
    for (size_t i = 0; i < count; i++) {
        insert_text(doc, i, "x");
        updates[i] = edits_of(doc);
    }
    yj_close(doc);
    yj_slice merged = merge_all(updates + 1, count - 1);
    uint64_t steps, begin;
    doc = opened(merged, &steps);
    assert_true(yj_is_pending(doc));
    begin = yj_steps(doc);
    assert_true(yj_apply(doc, updates[0], YJ_V1, true));
    steps += yj_steps(doc) - begin;
    assert_int_equal(yj_type_length(text_of(doc)), count);
    free_slice(merged), free_slice(updates[0]);
    free(updates);
    yj_close(doc);
    return steps;
}

#define GROWS(name)                                \
    static void name##_grow_linearly(void **state) { \
        (void)state;                               \
        must_grow_linearly(#name, name);           \
    }

GROWS(clients_at_one_place)
GROWS(clients_that_set_one_key)
GROWS(sets_of_one_key)
GROWS(formats_at_one_place)
GROWS(typing_after_formats)
GROWS(deletes_beside_formats)
GROWS(types_in_types)
GROWS(small_edits)
GROWS(updates_from_the_last_to_the_first)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(clients_at_one_place_grow_linearly, nothing_is_left),
        cmocka_unit_test_teardown(clients_that_set_one_key_grow_linearly, nothing_is_left),
        cmocka_unit_test_teardown(sets_of_one_key_grow_linearly, nothing_is_left),
        cmocka_unit_test_teardown(formats_at_one_place_grow_linearly, nothing_is_left),
        cmocka_unit_test_teardown(typing_after_formats_grow_linearly, nothing_is_left),
        cmocka_unit_test_teardown(deletes_beside_formats_grow_linearly, nothing_is_left),
        cmocka_unit_test_teardown(types_in_types_grow_linearly, nothing_is_left),
        cmocka_unit_test_teardown(small_edits_grow_linearly, nothing_is_left),
        cmocka_unit_test_teardown(updates_from_the_last_to_the_first_grow_linearly, nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
