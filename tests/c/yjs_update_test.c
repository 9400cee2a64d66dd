/* yjs_update_test.c - updates merged, cut and converted without a document, and snapshots, in C. */
#include "yjs_document.h"

/* An update of client 1 of each kind of content, deleted parts included. */
static yj_slice rich_update(void) {
    yj_doc *doc = open_doc(1, false);
    yj_type *list = root_of(doc, "l", YJ_ARRAY), *map = root_of(doc, "m", YJ_MAP), *xml = root_of(doc, "x", YJ_XML_FRAGMENT), *made;
    yj_new any = { .kind = YJ_ANY, .data = SLICE("\x7d\5\x77\2hi\x75\1\x78\x7e"), .count = 4 };
    yj_new bytes = { .kind = YJ_BINARY, .data = SLICE("\0\xff"), .count = 1 };
    yj_new sub = { .kind = YJ_SUBDOC, .name = text_slice("guid-1"), .data = SLICE("\x76\1\x08" "autoLoad\x78"), .count = 1 };
    yj_new element = { .kind = YJ_TYPE, .type_kind = YJ_XML_ELEMENT, .name = text_slice("p"), .count = 1 };
    yj_new text = { .kind = YJ_STRING, .data = text_slice("h\xc3\xa9llo \xf0\x9f\x98\x80"), .count = 1 };
    yj_new embed = { .kind = YJ_EMBED, .data = SLICE("\x76\1\1k\x78"), .count = 1 };
    yj_attribute bold = { text_slice("bold"), SLICE("\x78") };
    yj_attributes with = { &bold, 1 };
    assert_true(yj_list_insert(doc, list, 0, &any, NULL));
    assert_true(yj_list_insert(doc, list, 1, &bytes, NULL));
    assert_true(yj_list_insert(doc, list, 2, &sub, NULL));
    assert_true(yj_map_set(doc, map, text_slice("k"), &any, NULL));
    assert_true(yj_map_set(doc, map, text_slice("k"), &bytes, NULL));
    assert_true(yj_list_insert(doc, xml, 0, &element, &made));
    assert_true(yj_map_set(doc, made, text_slice("class"), &any, NULL));
    assert_true(yj_text_insert(doc, text_of(doc), 0, &text, &with, NULL));
    assert_true(yj_text_insert(doc, text_of(doc), 3, &embed, NULL, NULL));
    assert_true(yj_text_delete(doc, text_of(doc), 1, 1));
    yj_slice state = state_of(doc, YJ_V1);
    yj_close(doc);
    return state;
}

static yj_work *new_work(void) {
    yj_work *work = yj_work_new(counted_by(&all_memory));
    assert_non_null(work);
    return work;
}

static void both_encodings_say_the_same(void **state) {
    (void)state;
    yj_slice update = rich_update(), v2, back, twice;
    yj_work *work = new_work();
    assert_true(yj_convert(work, update, YJ_V1, YJ_V2, &v2));
    assert_true(yj_convert(work, v2, YJ_V2, YJ_V1, &back));
    assert_true(yj_convert(work, back, YJ_V1, YJ_V2, &twice));
    assert_true(same_slice(v2, twice));
    assert_true(yj_check(work, update, YJ_V1) && yj_check(work, v2, YJ_V2));
    /* A converted update lacks a bit that says nothing (of a key that is its neighbour's), as with Yjs: documents are equal. */
    for (int version = YJ_V1; version <= YJ_V2; version++) {
        yj_doc *doc = open_doc(9, false);
        assert_true(yj_apply(doc, version == YJ_V1 ? back : v2, version, true));
        yj_slice opened = state_of(doc, YJ_V1);
        assert_true(same_slice(update, opened));
        free_slice(opened);
        yj_close(doc);
    }
    yj_work_free(work);
    free_slice(update);
}

static void what_is_merged_is_there_once(void **state) {
    (void)state;
    yj_doc *doc = open_doc(3, false);
    yj_slice updates[4];
    for (size_t i = 0; i < 3; i++) {
        insert_text(doc, i, i == 1 ? "\xf0\x9f\x98\x80" : "a");
        updates[i] = edits_of(doc);
    }
    updates[3] = state_of(doc, YJ_V1); /* all of them once more */
    yj_slice wanted = state_of(doc, YJ_V1);
    yj_close(doc);
    static const size_t orders[][4] = { { 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 2, 0, 3, 1 } };
    yj_work *work = new_work();
    for (size_t o = 0; o < 3; o++) {
        yj_slice list[4], merged, vector;
        for (size_t i = 0; i < 4; i++) list[i] = updates[orders[o][i]];
        assert_true(yj_merge(work, list, 4, YJ_V1, &merged));
        assert_true(yj_update_state_vector(work, merged, YJ_V1, &vector));
        assert_true(same_slice(vector, SLICE("\1\3\4")));
        doc = open_doc(9, false);
        assert_true(yj_apply(doc, merged, YJ_V1, true));
        yj_slice got = state_of(doc, YJ_V1);
        assert_true(same_slice(got, wanted));
        free_slice(got);
        yj_close(doc);
    }
    /* A gap is kept as one: what follows it waits. */
    yj_slice gapped, pair[2] = { updates[0], updates[2] };
    assert_true(yj_merge(work, pair, 2, YJ_V1, &gapped));
    doc = open_doc(9, false);
    assert_true(yj_apply(doc, gapped, YJ_V1, true));
    assert_true(yj_is_pending(doc));
    assert_int_equal(yj_type_length(text_of(doc)), 1);
    assert_true(yj_apply(doc, updates[1], YJ_V1, true));
    assert_false(yj_is_pending(doc));
    assert_int_equal(yj_type_length(text_of(doc)), 4);
    yj_close(doc);
    yj_work_free(work);
    for (size_t i = 0; i < 4; i++) free_slice(updates[i]);
    free_slice(wanted);
}

static void a_difference_is_what_lies_beyond_a_state_vector(void **state) {
    (void)state;
    yj_doc *doc = open_doc(3, false);
    insert_text(doc, 0, "abc");
    yj_slice vector, diff, same;
    assert_true(yj_state_vector(doc, &vector));
    insert_text(doc, 3, "def");
    yj_slice all = state_of(doc, YJ_V1);
    yj_work *work = new_work();
    assert_true(yj_diff(work, all, vector, YJ_V1, &diff));
    assert_true(yj_state_as_update(doc, vector, YJ_V1, &same));
    assert_true(same_slice(diff, same));
    assert_true(yj_diff(work, all, SLICE("\1\3\6"), YJ_V1, &diff)); /* nothing */
    assert_true(same_slice(diff, SLICE("\0\0")));
    assert_true(yj_diff(work, all, SLICE("\0"), YJ_V1, &diff));
    assert_true(same_slice(diff, all));
    yj_work_free(work);
    free_slice(all);
    yj_close(doc);
}

static void a_snapshot_brings_a_state_back(void **state) {
    (void)state;
    yj_doc *doc = open_doc(3, true);
    insert_text(doc, 0, "old words");
    yj_slice before, again, update, v2, v1;
    assert_true(yj_snapshot(doc, YJ_V1, &before));
    insert_text(doc, 0, "new ");
    assert_true(yj_text_delete(doc, text_of(doc), 6, 4));
    assert_true(yj_snapshot(doc, YJ_V1, &again));
    assert_true(yj_snapshot_update(doc, before, &update));
    yj_doc *then = open_doc(4, true);
    char buffer[32];
    assert_true(yj_apply(then, update, YJ_V2, false));
    assert_string_equal(read_text(then, buffer, sizeof buffer), "old words");
    yj_close(then);
    yj_work *work = new_work();
    bool equal;
    assert_true(yj_snapshot_equal(work, before, again, &equal));
    assert_false(equal);
    assert_true(yj_snapshot_convert(work, before, YJ_V1, YJ_V2, &v2) && yj_snapshot_convert(work, v2, YJ_V2, YJ_V1, &v1));
    assert_true(yj_snapshot_equal(work, before, v1, &equal));
    assert_true(equal);
    /* One that knows more than the document, and one of a document that keeps nothing. */
    assert_false(yj_snapshot_update(doc, SLICE("\0\1\3\x7f"), &update));
    assert_int_equal(yj_failure(doc, NULL), YJ_INVALID);
    yj_doc *forgetful = open_doc(5, false);
    assert_false(yj_snapshot_update(forgetful, before, &update));
    assert_int_equal(yj_failure(forgetful, NULL), YJ_USAGE);
    yj_close(forgetful);
    yj_work_free(work);
    yj_close(doc);
}

/* Few bytes that stand for very many structs, values or levels. */
static void updates_that_claim_more_than_they_hold_are_refused(void **state) {
    (void)state;
    static const yj_slice bad[] = {
        SLICE(""), SLICE("\1"), SLICE("\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), SLICE("\1\1\1\0\4\1\1t\x7fx\0"),
        SLICE("\1\1\1\0\x08\1\1t\xff\xff\xff\xff\x0f"), SLICE("\1\xff\xff\xff\xff\x0f\1\0"), SLICE("\1\1\1\0\x07\1\1t\x09\0"),
        SLICE("\1\1\1\0\x84\1\5\1a\0"), SLICE("\1\1\1\0\0\0\0"), SLICE("\0\1\1\1\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
    };
    yj_doc *doc = open_doc(1, false);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        yj_work *work = new_work();
        yj_slice out, both[2] = { bad[i], SLICE("\0\0") };
        const char *message;
        for (int version = YJ_V1; version <= YJ_V2; version++) {
            assert_false(yj_check(work, bad[i], version));
            assert_int_equal(yj_work_failure(work, &message), YJ_INVALID);
            assert_true(strlen(message) > 5);
            assert_false(yj_merge(work, both, 2, version, &out));
            assert_false(yj_apply(doc, bad[i], version, true));
        }
        yj_work_free(work);
    }
    yj_slice all = state_of(doc, YJ_V1);
    assert_true(same_slice(all, SLICE("\0\0")));
    free_slice(all);
    yj_close(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(both_encodings_say_the_same, nothing_is_left),
        cmocka_unit_test_teardown(what_is_merged_is_there_once, nothing_is_left),
        cmocka_unit_test_teardown(a_difference_is_what_lies_beyond_a_state_vector, nothing_is_left),
        cmocka_unit_test_teardown(a_snapshot_brings_a_state_back, nothing_is_left),
        cmocka_unit_test_teardown(updates_that_claim_more_than_they_hold_are_refused, nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
