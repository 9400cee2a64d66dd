/* yjs_text_test.c - texts in C: formats as Yjs compares and tidies them, deltas, units, places. */
#include "yjs_document.h"

#include "yjs/any.h"

/* The value of a key as JSON text, "-" for none. */
static const char *attribute_of(yj_doc *doc, const yj_delta *delta, size_t part, const char *key, char *buffer, size_t size) {
    const yj_part *one = &delta->parts[part];
    for (size_t i = one->first; i < one->first + one->count; i++) {
        if (!same_slice(delta->attributes[i].key, text_slice(key))) continue;
        yj_slice json;
        assert_true(yj_json_from_any(doc, delta->attributes[i].value, &json));
        assert_true(json.size < size);
        memcpy(buffer, json.at, json.size);
        buffer[json.size] = '\0';
        yj_release(doc, json.at);
        return buffer;
    }
    return "-";
}

static yj_delta *delta_of(yj_doc *doc) {
    yj_delta *delta;
    assert_true(yj_text_delta(doc, text_of(doc), (yj_slice){ NULL, 0 }, (yj_slice){ NULL, 0 }, &delta));
    return delta;
}

static size_t count_of(yj_slice haystack, const char *needle) {
    size_t found = 0, size = strlen(needle);
    for (size_t i = 0; i + size <= haystack.size; i++) found += memcmp(haystack.at + i, needle, size) == 0;
    return found;
}

static void format_text(yj_doc *doc, uint64_t at, uint64_t length, const char *key, const char *json) {
    yj_slice any;
    assert_true(yj_any_from_json(doc, text_slice(json), &any));
    yj_attribute one = { text_slice(key), any };
    yj_attributes with = { &one, 1 };
    assert_true(yj_text_format(doc, text_of(doc), at, length, &with));
    yj_release(doc, any.at);
}

/* A format that is put back after another keeps its identity: Yjs compares objects with ===, and so sees that one of two
 * is superfluous when what stands between them goes. */
static void an_object_as_format_is_the_same_as_itself_alone(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    insert_text(doc, 0, "abcdef");
    format_text(doc, 0, 6, "link", "{\"href\":\"x\"}");
    format_text(doc, 2, 2, "link", "null"); /* the link is made again after it, of the same object */
    yj_slice before = state_of(doc, YJ_V1);
    assert_int_equal(count_of(before, "{\"href\":\"x\"}"), 2);
    assert_true(yj_text_delete(doc, text_of(doc), 2, 2));
    yj_slice after = state_of(doc, YJ_V1);
    assert_int_equal(count_of(after, "{\"href\":\"x\"}"), 1);
    free_slice(before), free_slice(after);
    yj_close(doc);
    /* Two objects that were read are not the same. */
    doc = open_doc(1, false);
    insert_text(doc, 0, "abcdef");
    format_text(doc, 0, 6, "link", "{\"href\":\"x\"}");
    format_text(doc, 2, 2, "link", "null");
    yj_slice all = state_of(doc, YJ_V1);
    yj_close(doc);
    doc = open_doc(2, false);
    assert_true(yj_apply(doc, all, YJ_V1, false));
    assert_true(yj_text_delete(doc, text_of(doc), 2, 2));
    after = state_of(doc, YJ_V1);
    assert_int_equal(count_of(after, "{\"href\":\"x\"}"), 2);
    free_slice(all), free_slice(after);
    yj_close(doc);
}

static void formats_are_compared_as_yjs_does(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        { "1", "1.0", true }, { "1", "2", false }, { "\"a\"", "\"a\"", true }, { "true", "1", false }, { "null", "null", true },
        { "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true }, { "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
        { "{\"a\":[]}", "{\"a\":[]}", false }, /* elements are compared with === */
        { "[]", "{}", true }, { "[1,2]", "{\"0\":1,\"1\":2}", true }, { "[1,2]", "[2,1]", false }, { "[1]", "1", false },
        { "null", "{}", false },
    };
    yj_doc *doc = open_doc(1, false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        yj_slice a, b;
        assert_true(yj_any_from_json(doc, text_slice(cases[i].a), &a));
        assert_true(yj_any_from_json(doc, text_slice(cases[i].b), &b));
        if (yj_any_equal(a, b) != cases[i].same || yj_any_equal(b, a) != cases[i].same)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
        assert_true(yj_any_equal(a, a));
        yj_release(doc, a.at);
        yj_release(doc, b.at);
    }
    yj_close(doc);
}

static void a_delta_has_the_formats_of_each_part(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    char buffer[64];
    insert_text(doc, 0, "hello world");
    format_text(doc, 0, 5, "bold", "true");
    format_text(doc, 3, 5, "size", "12.5");
    yj_delta *delta = delta_of(doc);
    assert_int_equal(delta->count, 4);
    assert_true(same_slice(delta->parts[0].value.data, text_slice("hel")));
    assert_true(same_slice(delta->parts[2].value.data, text_slice(" wo")));
    assert_string_equal(attribute_of(doc, delta, 0, "bold", buffer, sizeof buffer), "true");
    assert_string_equal(attribute_of(doc, delta, 0, "size", buffer, sizeof buffer), "-");
    assert_string_equal(attribute_of(doc, delta, 1, "size", buffer, sizeof buffer), "12.5");
    assert_string_equal(attribute_of(doc, delta, 3, "bold", buffer, sizeof buffer), "-");
    yj_release(doc, delta);
    yj_close(doc);
}

static void typed_text_gets_the_formats_of_its_place(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    char buffer[64];
    insert_text(doc, 0, "ab");
    format_text(doc, 0, 1, "bold", "true");
    insert_text(doc, 1, "c"); /* still bold: the end of the format stands after it */
    insert_text(doc, 3, "d");
    yj_delta *delta = delta_of(doc);
    assert_int_equal(delta->count, 2);
    assert_true(same_slice(delta->parts[0].value.data, text_slice("ac")));
    assert_string_equal(attribute_of(doc, delta, 0, "bold", buffer, sizeof buffer), "true");
    assert_true(same_slice(delta->parts[1].value.data, text_slice("bd")));
    yj_release(doc, delta);
    yj_close(doc);
}

static void positions_are_units_and_a_divided_pair_is_replaced(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    char buffer[64];
    insert_text(doc, 0, "a\xf0\x9f\x98\x80\xc3\xa9");
    assert_int_equal(yj_type_length(text_of(doc)), 4);
    insert_text(doc, 3, "-");
    assert_string_equal(read_text(doc, buffer, sizeof buffer), "a\xf0\x9f\x98\x80-\xc3\xa9");
    insert_text(doc, 2, "+");
    assert_string_equal(read_text(doc, buffer, sizeof buffer), "a\xef\xbf\xbd+\xef\xbf\xbd-\xc3\xa9");
    yj_close(doc);
}

static void what_is_beyond_the_end_is_refused_and_changes_nothing(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    insert_text(doc, 0, "abc");
    yj_new content = { .kind = YJ_STRING, .data = text_slice("x"), .count = 1 };
    yj_slice before = state_of(doc, YJ_V1);
    assert_false(yj_text_insert(doc, text_of(doc), 4, &content, NULL, NULL));
    assert_int_equal(yj_failure(doc, NULL), YJ_RANGE);
    assert_false(yj_text_delete(doc, text_of(doc), 1, 3));
    assert_false(yj_text_delete(doc, text_of(doc), 1, UINT64_MAX));
    assert_false(yj_list_delete(doc, text_of(doc), 3, 1));
    assert_true(yj_begin(doc));
    size_t number;
    assert_false(yj_cursor_open(doc, text_of(doc), 4, &number));
    assert_true(yj_cursor_open(doc, text_of(doc), 0, &number));
    yj_cursor *cursor = yj_cursor_at(doc, number);
    assert_false(yj_cursor_retain(doc, cursor, UINT64_C(1) << 40, NULL)); /* as many new lines would be made */
    assert_int_equal(yj_failure(doc, NULL), YJ_RANGE);
    assert_true(yj_end(doc));
    yj_slice after = state_of(doc, YJ_V1);
    assert_true(same_slice(before, after));
    free_slice(before), free_slice(after);
    yj_close(doc);
}

static void a_place_is_found_again_after_edits(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    insert_text(doc, 0, "hello world");
    yj_position before, after;
    assert_true(yj_position_at(doc, text_of(doc), 6, 0, &before));
    assert_true(yj_position_at(doc, text_of(doc), 6, -1, &after));
    insert_text(doc, 6, "big ");
    yj_type *type;
    uint64_t index;
    assert_true(yj_position_resolve(doc, &before, &type, &index));
    assert_ptr_equal(type, text_of(doc));
    assert_int_equal(index, 10);
    assert_true(yj_position_resolve(doc, &after, &type, &index));
    assert_int_equal(index, 6);
    assert_true(yj_text_delete(doc, text_of(doc), 0, 12));
    assert_true(yj_position_resolve(doc, &before, &type, &index));
    assert_int_equal(index, 0);
    yj_close(doc);
}

/* Yjs refuses the whole update for one such string. */
static void what_is_not_utf8_is_refused_and_changes_nothing(void **state) {
    (void)state;
    yj_doc *doc = open_doc(1, false);
    yj_type *text = text_of(doc), *other;
    yj_slice bad = SLICE("a\xff"), any, update;
    assert_true(yj_any_from_json(doc, SLICE("true"), &any));
    yj_attribute one = { bad, any };
    yj_attributes with = { &one, 1 };
    yj_new string = { .kind = YJ_STRING, .data = bad, .count = 1 }, good = { .kind = YJ_STRING, .data = SLICE("ab"), .count = 1 };
    yj_new element = { .kind = YJ_TYPE, .type_kind = YJ_XML_ELEMENT, .name = bad, .count = 1 };
    assert_false(yj_text_insert(doc, text, 0, &string, NULL, NULL));
    assert_false(yj_text_insert(doc, text, 0, &good, &with, NULL));
    assert_false(yj_list_insert(doc, text, 0, &element, NULL));
    assert_false(yj_list_push(doc, text, &string, NULL));
    assert_false(yj_map_set(doc, text, bad, &good, NULL));
    assert_false(yj_root(doc, bad, YJ_TEXT, &other));
    assert_true(yj_edits(doc, YJ_V1, true, &update));
    assert_null(update.at);
    insert_text(doc, 0, "ab");
    assert_false(yj_text_format(doc, text, 0, 1, &with));
    assert_int_equal(yj_type_length(text), 2);
    yj_release(doc, any.at);
    yj_close(doc);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_object_as_format_is_the_same_as_itself_alone, nothing_is_left),
        cmocka_unit_test_teardown(formats_are_compared_as_yjs_does, nothing_is_left),
        cmocka_unit_test_teardown(a_delta_has_the_formats_of_each_part, nothing_is_left),
        cmocka_unit_test_teardown(typed_text_gets_the_formats_of_its_place, nothing_is_left),
        cmocka_unit_test_teardown(positions_are_units_and_a_divided_pair_is_replaced, nothing_is_left),
        cmocka_unit_test_teardown(what_is_beyond_the_end_is_refused_and_changes_nothing, nothing_is_left),
        cmocka_unit_test_teardown(what_is_not_utf8_is_refused_and_changes_nothing, nothing_is_left),
        cmocka_unit_test_teardown(a_place_is_found_again_after_edits, nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
