/* yjs_document_test.c - Yjs documents in C: updates in both encodings and in every order, what waits, what is refused. */
#include "yjs_document.h"

#include "seed.h"

static const yj_slice hello = SLICE("\1\1\1\0\4\1\1t\5hello\0");

static void an_edit_is_written_as_yjs_writes_it(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    insert_text(doc, 0, "hello");
    yj_slice v1 = state_of(doc, YJ_V1), v2 = state_of(doc, YJ_V2);
    assert_true(same_slice(v1, hello));
    /* Y.encodeStateAsUpdateV2 of the same document. */
    assert_true(same_slice(v2, SLICE("\0\0\1\1\0\0\1\4\11\6thello\1\5\1\1\0\0\1\1\0\0")));
    yj_doc *other = open_doc(2, false);
    assert_true(yj_apply(other, v2, YJ_V2, true));
    yj_slice back = state_of(other, YJ_V1);
    assert_true(same_slice(back, hello));
    yj_slice vector;
    assert_true(yj_state_vector(other, &vector));
    assert_true(same_slice(vector, SLICE("\1\1\5")));
    free_slice(v1), free_slice(v2), free_slice(back);
    yj_close(doc);
    yj_close(other);
}

/* Three clients that edit at once, then one that has seen all of it: five updates. */
static size_t concurrent_updates(yj_slice *out) {
    yj_doc *docs[3];
    size_t count = 0;
    for (size_t i = 0; i < 3; i++) docs[i] = open_doc(10 + i, false);
    insert_text(docs[0], 0, "base");
    out[count++] = edits_of(docs[0]);
    for (size_t i = 1; i < 3; i++) assert_true(yj_apply(docs[i], out[0], YJ_V1, true));
    insert_text(docs[0], 2, "AA");
    insert_text(docs[1], 2, "BB\xf0\x9f\x98\x80");
    assert_true(yj_text_delete(docs[2], text_of(docs[2]), 1, 2));
    insert_text(docs[2], 1, "CC");
    for (size_t i = 0; i < 3; i++) out[count++] = edits_of(docs[i]);
    for (size_t i = 1; i < 4; i++) assert_true(yj_apply(docs[0], out[i], YJ_V1, true));
    yj_attribute bold = { text_slice("bold"), SLICE("\x78") };
    yj_attributes with = { &bold, 1 };
    assert_true(yj_text_format(docs[0], text_of(docs[0]), 1, 4, &with));
    out[count++] = edits_of(docs[0]);
    for (size_t i = 0; i < 3; i++) yj_close(docs[i]);
    return count;
}

/* The next order of small numbers; false after the last. */
static bool next_order(size_t *order, size_t count) {
    size_t i = count - 1;
    while (i > 0 && order[i - 1] >= order[i]) i--;
    if (i == 0) return false;
    size_t k = count - 1;
    while (order[k] <= order[i - 1]) k--;
    size_t moved = order[k];
    order[k] = order[i - 1];
    order[i - 1] = moved;
    for (size_t left = i, right = count - 1; left < right; left++, right--) {
        moved = order[left];
        order[left] = order[right];
        order[right] = moved;
    }
    return true;
}

static void every_order_of_updates_comes_to_the_same_state(void **state) {
    (void)state;
    yj_slice updates[5], wanted = { NULL, 0 };
    size_t count = concurrent_updates(updates), order[5] = { 0, 1, 2, 3, 4 }, runs = 0;
    assert_int_equal(count, 5);
    do {
        yj_doc *doc = open_doc(99, false);
        bool waited = false;
        for (size_t i = 0; i < count; i++) {
            assert_true(yj_apply(doc, updates[order[i]], YJ_V1, false));
            waited = waited || yj_is_pending(doc);
            if (i + 1 < count) { /* what waits is in the state: another one can go on with that */
                yj_slice so_far = state_of(doc, runs % 2 ? YJ_V2 : YJ_V1);
                yj_doc *other = open_doc(98, false);
                assert_true(yj_apply(other, so_far, runs % 2 ? YJ_V2 : YJ_V1, false));
                assert_int_equal(yj_is_pending(other), yj_is_pending(doc));
                free_slice(so_far);
                yj_close(other);
            }
        }
        assert_false(yj_is_pending(doc));
        if (order[0] != 0) assert_true(waited);
        yj_slice got = state_of(doc, YJ_V1);
        if (!wanted.at) wanted = got;
        else assert_true(same_slice(got, wanted));
        if (got.at != wanted.at) free_slice(got);
        yj_close(doc);
        runs++;
    } while (next_order(order, count));
    assert_int_equal(runs, 120);
    yj_slice merged = merge_all(updates, count);
    yj_doc *doc = open_doc(99, false);
    assert_true(yj_apply(doc, merged, YJ_V1, false));
    yj_slice got = state_of(doc, YJ_V1);
    assert_true(same_slice(got, wanted));
    free_slice(got), free_slice(wanted), free_slice(merged);
    yj_close(doc);
}

static void what_is_deleted_is_given_up_unless_it_is_kept(void **state) {
    (void)state;
    for (int keep = 0; keep < 2; keep++) {
        yj_doc *doc = open_doc(1, keep);
        insert_text(doc, 0, "hello world");
        assert_true(yj_text_delete(doc, text_of(doc), 0, 6));
        yj_slice all = state_of(doc, YJ_V1);
        bool there = false;
        for (size_t i = 0; i + 5 <= all.size; i++) there = there || memcmp(all.at + i, "hello", 5) == 0;
        assert_int_equal(there, keep);
        free_slice(all);
        yj_close(doc);
    }
}

static void a_refused_update_leaves_document_and_memory_as_they_were(void **state) {
    (void)state;
    yj_slice updates[5];
    size_t count = concurrent_updates(updates);
    yj_slice merged = merge_all(updates, count);
    yj_doc *doc = open_doc(7, false);
    insert_text(doc, 0, "here");
    yj_slice before = state_of(doc, YJ_V1);
    size_t in_use = all_memory.in_use, blocks = all_memory.blocks, refused = 0;
    for (int version = YJ_V1; version <= YJ_V2; version++) {
        yj_work *work = yj_work_new(counted_by(&all_memory));
        yj_slice update = merged;
        if (version == YJ_V2) assert_true(yj_convert(work, merged, YJ_V1, YJ_V2, &update));
        in_use = all_memory.in_use, blocks = all_memory.blocks;
        for (size_t size = 0; size < update.size; size++) {
            char *cut = malloc(size + 1); /* where it ends, memory ends */
            memcpy(cut, update.at, size);
            if (!yj_apply(doc, (yj_slice){ cut, size }, version, true)) {
                const char *message;
                assert_int_equal(yj_failure(doc, &message), YJ_INVALID);
                assert_true(strlen(message) > 5);
                assert_int_equal(all_memory.in_use, in_use);
                assert_int_equal(all_memory.blocks, blocks);
                refused++;
            }
            free(cut);
        }
        yj_work_free(work);
    }
    assert_true(refused > 100);
    yj_slice bad_vector, state_vector = SLICE("\2\1");
    in_use = all_memory.in_use;
    assert_false(yj_state_as_update(doc, state_vector, YJ_V1, &bad_vector));
    assert_int_equal(all_memory.in_use, in_use);
    yj_slice json;
    assert_false(yj_any_from_json(doc, text_slice("[1,{\"a\":[\"x\\u00e9\",tru]}]"), &json));
    assert_int_equal(all_memory.in_use, in_use);
    yj_slice after = state_of(doc, YJ_V1);
    assert_true(same_slice(before, after));
    free_slice(before), free_slice(after), free_slice(merged);
    yj_close(doc);
}

static void bytes_that_were_changed_at_random_break_nothing(void **state) {
    (void)state;
    yj_slice updates[5];
    size_t count = concurrent_updates(updates), taken = 0;
    yj_slice merged = merge_all(updates, count);
    srand(test_seed());
    for (int run = 0; run < 20000; run++) {
        char *bytes = malloc(merged.size);
        memcpy(bytes, merged.at, merged.size);
        for (int changes = 1 + rand() % 4; changes; changes--) bytes[(size_t)rand() % merged.size] = (char)rand();
        yj_doc *doc = open_doc(7, rand() % 2);
        insert_text(doc, 0, "here");
        taken += yj_apply(doc, (yj_slice){ bytes, merged.size }, 1 + rand() % 2, true);
        insert_text(doc, 0, "still");
        yj_slice all = state_of(doc, YJ_V2);
        yj_doc *other = open_doc(8, false);
        assert_true(yj_apply(other, all, YJ_V2, true)); /* what we write, we read */
        yj_close(other);
        free_slice(all);
        yj_close(doc);
        free(bytes);
    }
    assert_true(taken > 100);
    free_slice(merged);
}

static void another_client_id_is_taken_when_an_update_has_ours(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    assert_true(yj_apply(doc, hello, YJ_V1, true));
    assert_int_not_equal(yj_client_id(doc), 1);
    insert_text(doc, 5, "!");
    char buffer[32];
    assert_string_equal(read_text(doc, buffer, sizeof buffer), "hello!");
    /* A clock near its end is refused before anything is changed. */
    yj_doc *late = open_doc(5, false);
    assert_true(yj_apply(late, SLICE("\1\1\6\0\0\xff\xff\xff\xff\xff\xff\xff\x0f\0"), YJ_V1, true));
    yj_set_client_id(late, 6);
    yj_new content = { .kind = YJ_STRING, .data = text_slice("x"), .count = 1 };
    assert_false(yj_text_insert(late, text_of(late), 0, &content, NULL, NULL));
    assert_int_equal(yj_failure(late, NULL), YJ_RANGE);
    yj_set_client_id(late, 7);
    insert_text(late, 0, "x");
    yj_close(late);
    yj_close(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_edit_is_written_as_yjs_writes_it, nothing_is_left),
        cmocka_unit_test_teardown(every_order_of_updates_comes_to_the_same_state, nothing_is_left),
        cmocka_unit_test_teardown(what_is_deleted_is_given_up_unless_it_is_kept, nothing_is_left),
        cmocka_unit_test_teardown(a_refused_update_leaves_document_and_memory_as_they_were, nothing_is_left),
        cmocka_unit_test_teardown(bytes_that_were_changed_at_random_break_nothing, nothing_is_left),
        cmocka_unit_test_teardown(another_client_id_is_taken_when_an_update_has_ours, nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
