/* tree.c - the index of a type's list: positions in logarithmic time, whatever is deleted in between.
 *
 * A B+tree whose leaves are runs of items in the linked list; nodes know how much of what is below them is visible, and
 * how many formats. Nodes that become empty go away; they are not balanced otherwise, since lists mostly grow. */
#include "internal.h"

#include <string.h>

static uint64_t visible_length(const yj_item *item) {
    return yj_visible(item) ? item->length : 0;
}

static bool is_format(const yj_item *item) {
    return item->kind == YJ_FORMAT && !(item->flags & YJ_IS_DELETED);
}

static yj_node *new_node(yj_doc *doc, bool leaf) {
    yj_node *node = yj_allocate(&doc->heap, leaf ? offsetof(yj_node, of) + sizeof(yj_item *) : sizeof *node);
    node->parent = NULL;
    node->length = node->formats = 0;
    node->count = 0;
    node->leaf = leaf;
    return node;
}

static void add_up(yj_node *node, uint64_t length, uint64_t formats) {
    for (; node; node = node->parent) {
        node->length += length;
        node->formats += formats;
    }
}

static void subtract_up(yj_node *node, uint64_t length, uint64_t formats) {
    for (; node; node = node->parent) {
        node->length -= length;
        node->formats -= formats;
    }
}

void yj_tree_change(yj_item *item, uint64_t add, uint64_t subtract) {
    if (item->leaf) add_up(item->leaf, add - subtract, 0);
}

void yj_tree_hide(yj_item *item) {
    if (item->leaf) subtract_up(item->leaf, visible_length(item), (uint64_t)is_format(item));
}

static uint32_t child_index(const yj_node *node) {
    uint32_t i = 0;
    while (node->parent->of.children[i] != node) i++;
    return i;
}

static void adopt(yj_node *node, yj_node *child) {
    child->parent = node;
    node->length += child->length;
    node->formats += child->formats;
}

/* Places a new node, whose content was that of `node` so far, after it. */
static void insert_node(yj_doc *doc, yj_type *type, yj_node *node, yj_node *added) {
    for (;;) {
        yj_node *parent = node->parent;
        if (!parent) {
            parent = type->tree = new_node(doc, false);
            parent->of.children[0] = node;
            parent->of.children[1] = added;
            parent->count = 2;
            adopt(parent, node);
            adopt(parent, added);
            return;
        }
        uint32_t at = child_index(node) + 1;
        if (parent->count < YJ_FANOUT) {
            memmove(&parent->of.children[at + 1], &parent->of.children[at], (parent->count - at) * sizeof(yj_node *));
            parent->of.children[at] = added;
            parent->count++;
            added->parent = parent;
            return;
        }
        yj_node *half = new_node(doc, false);
        uint32_t keep = YJ_FANOUT / 2;
        yj_node *children[YJ_FANOUT + 1];
        memcpy(children, parent->of.children, at * sizeof(yj_node *));
        children[at] = added;
        memcpy(&children[at + 1], &parent->of.children[at], (YJ_FANOUT - at) * sizeof(yj_node *));
        parent->length = parent->formats = 0;
        parent->count = keep;
        half->count = YJ_FANOUT + 1 - keep;
        memcpy(parent->of.children, children, keep * sizeof(yj_node *));
        memcpy(half->of.children, &children[keep], half->count * sizeof(yj_node *));
        for (uint32_t i = 0; i < parent->count; i++) adopt(parent, parent->of.children[i]);
        for (uint32_t i = 0; i < half->count; i++) adopt(half, half->of.children[i]);
        node = parent;
        added = half;
    }
}

static void split_leaf(yj_doc *doc, yj_type *type, yj_node *leaf) {
    yj_node *half = new_node(doc, true);
    yj_item *item = leaf->of.first;
    uint32_t keep = leaf->count / 2;
    for (uint32_t i = 0; i < keep; i++) item = item->right;
    half->of.first = item;
    half->count = leaf->count - keep;
    leaf->count = keep;
    for (uint32_t i = 0; i < half->count; i++, item = item->right) {
        item->leaf = half;
        half->length += visible_length(item);
        half->formats += (uint64_t)is_format(item);
    }
    leaf->length -= half->length;
    leaf->formats -= half->formats;
    insert_node(doc, type, leaf, half);
}

void yj_tree_insert(yj_doc *doc, yj_item *item) {
    yj_type *type = item->parent;
    yj_node *leaf = item->left ? item->left->leaf : item->right ? item->right->leaf : NULL;
    if (!leaf) {
        leaf = type->tree = new_node(doc, true);
        leaf->of.first = item;
    } else if (!item->left) {
        leaf->of.first = item;
    }
    item->leaf = leaf;
    leaf->count++;
    add_up(leaf, visible_length(item), (uint64_t)is_format(item));
    if (leaf->count > YJ_LEAF) split_leaf(doc, type, leaf);
}

void yj_tree_remove(yj_doc *doc, yj_item *item) {
    yj_node *node = item->leaf;
    if (!node) return;
    subtract_up(node, visible_length(item), (uint64_t)is_format(item));
    item->leaf = NULL;
    node->count--;
    if (node->of.first == item) node->of.first = item->right;
    while (node->count == 0) {
        yj_node *parent = node->parent;
        if (parent) {
            uint32_t at = child_index(node);
            parent->count--;
            memmove(&parent->of.children[at], &parent->of.children[at + 1], (parent->count - at) * sizeof(yj_node *));
        } else {
            item->parent->tree = NULL;
        }
        yj_free(&doc->heap, node);
        if (!parent) break;
        node = parent;
    }
}

void yj_tree_free(yj_doc *doc, yj_type *type) {
    yj_node *node = type->tree;
    while (node) { /* downwards to the last child, then up */
        if (!node->leaf && node->count) {
            node = node->of.children[node->count - 1];
            continue;
        }
        yj_node *parent = node->parent;
        yj_free(&doc->heap, node);
        if (parent) parent->count--;
        node = parent;
    }
    type->tree = NULL;
}

yj_item *yj_tree_find(yj_doc *doc, const yj_type *type, uint64_t position, uint64_t *begins) {
    const yj_node *node = type->tree;
    if (!node || position >= node->length) return NULL;
    uint64_t at = 0;
    while (!node->leaf) {
        uint32_t i = 0;
        for (; position - at >= node->of.children[i]->length; i++) {
            at += node->of.children[i]->length;
            doc->heap.steps++;
        }
        node = node->of.children[i];
    }
    yj_item *item = node->of.first;
    for (; position - at >= visible_length(item); item = item->right) {
        at += visible_length(item);
        doc->heap.steps++;
    }
    *begins = at;
    return item;
}

uint64_t yj_tree_position(yj_doc *doc, const yj_item *item) {
    const yj_node *node = item->leaf;
    uint64_t position = 0;
    if (!node) return 0;
    for (const yj_item *other = node->of.first; other != item; other = other->right) {
        position += visible_length(other);
        doc->heap.steps++;
    }
    for (; node->parent; node = node->parent)
        for (uint32_t i = 0; node->parent->of.children[i] != node; i++) position += node->parent->of.children[i]->length;
    return position;
}

yj_item *yj_tree_last(const yj_type *type) {
    const yj_node *node = type->tree;
    if (!node) return NULL;
    while (!node->leaf) node = node->of.children[node->count - 1];
    yj_item *item = node->of.first;
    while (item->right) item = item->right;
    return item;
}

uint64_t yj_tree_formats_before(yj_doc *doc, const yj_item *item, const yj_type *type) {
    if (!item) return type->tree ? type->tree->formats : 0;
    const yj_node *node = item->leaf;
    uint64_t count = 0;
    if (node->formats) {
        for (const yj_item *other = node->of.first; other != item; other = other->right) {
            count += (uint64_t)is_format(other);
            doc->heap.steps++;
        }
    }
    for (; node->parent; node = node->parent)
        for (uint32_t i = 0; node->parent->of.children[i] != node; i++) count += node->parent->of.children[i]->formats;
    return count;
}

static bool holds(const yj_node *node, unsigned what) {
    return (what & YJ_SEEK_VISIBLE && node->length) || (what & YJ_SEEK_FORMAT && node->formats);
}

static bool is_sought(const yj_item *item, unsigned what) {
    return (what & YJ_SEEK_VISIBLE && yj_visible(item)) || (what & YJ_SEEK_FORMAT && is_format(item));
}

/* The first leaf after a node that holds what is sought. */
static const yj_node *next_leaf(const yj_node *node, unsigned what) {
    const yj_node *found = NULL;
    for (; node->parent && !found; node = node->parent) {
        for (uint32_t i = child_index(node) + 1; i < node->parent->count && !found; i++)
            if (holds(node->parent->of.children[i], what)) found = node->parent->of.children[i];
    }
    while (found && !found->leaf) {
        uint32_t i = 0;
        while (!holds(found->of.children[i], what)) i++;
        found = found->of.children[i];
    }
    return found;
}

yj_item *yj_tree_next(yj_doc *doc, yj_item *item, unsigned what) {
    while (item) {
        const yj_node *leaf = item->leaf;
        if (holds(leaf, what)) {
            for (; item && item->leaf == leaf; item = item->right) {
                doc->heap.steps++;
                if (is_sought(item, what)) return item;
            }
        }
        leaf = next_leaf(leaf, what);
        item = leaf ? leaf->of.first : NULL;
    }
    return NULL;
}
