/* yjs_memory_test.c - Yjs documents whose memory runs out at every allocation in turn: what was called says so, whatever
 * is called after that says it again, and closing gives all of it back. */
#include "yjs_document.h"

static yj_slice there; /* an update with a bit of everything */

static bool edit(yj_doc *doc) {
    yj_type *text, *map, *list, *made;
    yj_attribute bold = { text_slice("bold"), SLICE("\x78") };
    yj_attributes with = { &bold, 1 };
    yj_new string = { .kind = YJ_STRING, .data = text_slice("some text"), .count = 1 };
    yj_new any = { .kind = YJ_ANY, .data = SLICE("\x78\x79\x7e"), .count = 3 };
    yj_new type = { .kind = YJ_TYPE, .type_kind = YJ_TEXT, .count = 1 };
    return yj_root(doc, text_slice("t"), YJ_TEXT, &text) && yj_root(doc, text_slice("m"), YJ_MAP, &map) &&
           yj_root(doc, text_slice("l"), YJ_ARRAY, &list) && yj_text_insert(doc, text, 0, &string, NULL, NULL) &&
           yj_text_insert(doc, text, 4, &string, &with, NULL) && yj_text_format(doc, text, 2, 9, &with) &&
           yj_text_delete(doc, text, 3, 5) && yj_list_insert(doc, list, 0, &any, NULL) &&
           yj_list_delete(doc, list, 1, 1) && yj_map_set(doc, map, text_slice("key"), &type, &made) &&
           yj_text_insert(doc, made, 0, &string, NULL, NULL) && yj_map_set(doc, map, text_slice("key"), &any, NULL);
}

static bool read_back(yj_doc *doc) {
    yj_slice state, vector, edits, snapshot, position;
    yj_type *text, *found;
    yj_delta *delta;
    yj_position place;
    uint64_t index;
    return yj_root(doc, text_slice("t"), YJ_TEXT, &text) && yj_state_as_update(doc, (yj_slice){ NULL, 0 }, YJ_V2, &state) &&
           yj_state_vector(doc, &vector) && yj_edits(doc, YJ_V1, true, &edits) && yj_snapshot(doc, YJ_V1, &snapshot) &&
           yj_text_delta(doc, text, snapshot, (yj_slice){ NULL, 0 }, &delta) &&
           yj_position_at(doc, text, 3, -1, &place) && yj_position_encode(doc, &place, &position) &&
           yj_position_resolve(doc, &place, &found, &index);
}

/* What is done with a document; false when memory ran out. */
static bool work_with(yj_doc *doc) {
    return yj_apply(doc, there, YJ_V1, true) && edit(doc) && read_back(doc);
}

static void a_document_ends_well_wherever_memory_runs_out(void **state) {
    (void)state;
    size_t at = 1;
    for (bool done = false; !done; at++) {
        counted memory = { .fail_at = at };
        yj_doc *doc = yj_open(counted_by(&memory), (yj_options){ .client = 1, .seed = 3 });
        if (!doc) {
            assert_int_equal(memory.blocks, 0);
            continue;
        }
        done = work_with(doc);
        if (!done) {
            assert_int_equal(yj_failure(doc, NULL), YJ_MEMORY);
            memory.fail_at = 0; /* there is memory again: the document is of no use all the same */
            yj_slice out;
            assert_false(yj_state_vector(doc, &out));
            assert_false(yj_apply(doc, there, YJ_V1, true));
            assert_int_equal(yj_failure(doc, NULL), YJ_MEMORY);
        }
        yj_close(doc);
        assert_int_equal(memory.blocks, 0);
        assert_int_equal(memory.in_use, 0);
    }
    assert_true(at > 60);
}

static void work_with_updates_ends_well_wherever_memory_runs_out(void **state) {
    (void)state;
    size_t at = 1;
    for (bool done = false; !done; at++) {
        counted memory = { .fail_at = at };
        yj_work *work = yj_work_new(counted_by(&memory));
        if (!work) continue;
        yj_slice both[2] = { there, SLICE("\1\1\1\0\4\1\1t\5hello\0") }, merged, v2, diff, vector;
        done = yj_merge(work, both, 2, YJ_V1, &merged) && yj_convert(work, merged, YJ_V1, YJ_V2, &v2) &&
               yj_diff(work, v2, SLICE("\0"), YJ_V2, &diff) && yj_update_state_vector(work, diff, YJ_V2, &vector) &&
               yj_check(work, v2, YJ_V2);
        if (!done) assert_int_equal(yj_work_failure(work, NULL), YJ_MEMORY);
        yj_work_free(work);
        assert_int_equal(memory.blocks, 0);
    }
    assert_true(at > 20);
}

static int make_update(void **state) {
    (void)state;
    yj_doc *doc = open_doc(20, false);
    assert_true(edit(doc));
    there = edits_of(doc);
    yj_close(doc);
    return 0;
}

static int free_update(void **state) {
    free_slice(there);
    return nothing_is_left(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_document_ends_well_wherever_memory_runs_out, make_update, free_update),
        cmocka_unit_test_setup_teardown(work_with_updates_ends_well_wherever_memory_runs_out, make_update, free_update),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
