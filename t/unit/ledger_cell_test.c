
/*
 * The ledger's cells in plain memory.
 */

/* links: src/core/ngx_commerce_ledger*.c src/core/ngx_commerce_hash.c */


#include "ledger_test.h"


static ngx_log_t  test_log;


static void
test_counting(void)
{
    uint64_t               total;
    ngx_uint_t             used, cells;
    ngx_commerce_ledger_t  ledger;

    ledger_in_memory(&ledger, &test_log, 65536);

    ok(add(&ledger, "room", 1, "click:a", 1) == NGX_OK, "a first count");
    ok(add(&ledger, "room", 1, "click:a", 2) == NGX_OK, "a second count");

    total = 0;
    is(visit(&ledger, 1, 0, sum, &total), 1, "one cell is to be sent");
    is(total, 3, "its total is the sum of both");

    is(visit(&ledger, 1, 0, NULL, NULL), 0, "its mark was taken");
    is(visit(&ledger, 0, 0, NULL, NULL), 1, "without one it is found, too");

    add(&ledger, "room", 2, "click:a", 1);
    add(&ledger, "moor", 1, "click:a", 1);
    add(&ledger, "room", 1, "click:b", 1);
    add(&ledger, "roomc", 1, "lick:a", 1);

    ngx_commerce_ledger_usage(&ledger, &used, &cells);
    is(used, 5, "room, show and field make a cell, and where they divide");
    ok(cells >= 200 && cells <= 256, "64k hold some 236 cells");

    visit(&ledger, 0, 0, acknowledge, NULL);
    is(visit(&ledger, 0, 0, NULL, NULL), 0, "nothing is left to send");
    is(visit(&ledger, 0, 1, NULL, NULL), 5, "all can be sent again");

    add(&ledger, "room", 1, "click:a", 1);
    total = 0;
    is(visit(&ledger, 1, 0, sum, &total), 1, "a sent cell is sent again");
    is(total, 4, "with its whole total");
}


static void
test_limits(void)
{
    char                   name[300];
    ngx_commerce_ledger_t  ledger;

    ledger_in_memory(&ledger, &test_log, 65536);

    memset(name, 'x', sizeof(name));
    name[sizeof(name) - 1] = '\0';

    ok(add(&ledger, name, 1, "click:a", 1) == NGX_ERROR, "a room too long");

    name[174] = '\0';
    ok(add(&ledger, name, 1, "click:a", 1) == NGX_ERROR, "together too long");

    name[173] = '\0';
    ok(add(&ledger, name, 1, "click:a", 1) == NGX_OK, "together just fit");

    ok(add(&ledger, "r", 1, "f", NGX_COMMERCE_LEDGER_TOTAL_MAX) == NGX_OK,
       "up to 2^53 - 1");
    ok(add(&ledger, "r", 1, "f", 1) == NGX_BUSY, "and no further");
}


static ngx_uint_t
fill(ngx_commerce_ledger_t *ledger, const char *prefix)
{
    char        field[32];
    ngx_uint_t  i;

    for (i = 0; i < 100000; i++) {
        sprintf(field, "%s:%u", prefix, (unsigned) i);

        if (add(ledger, "room", 1, field, 1) != NGX_OK) {
            return i;
        }
    }

    return i;
}


static void
make_idle(ngx_commerce_ledger_t *ledger, uint32_t *life)
{
    uint32_t  i;

    for (i = 0; i < ledger->cells; i++) {
        life[i] = ledger->cell[i].life;
        ledger->cell[i].changed -= NGX_COMMERCE_LEDGER_REST + 2;
    }

    ledger->header->full = 0;
}


static void
test_recycling(void)
{
    uint32_t                       i, life[256];
    ngx_uint_t                     n, again, used, cells, same;
    ngx_commerce_ledger_t          ledger;
    ngx_commerce_ledger_receipt_t  receipt;

    ledger_in_memory(&ledger, &test_log, 65536);

    n = fill(&ledger, "a");
    ngx_commerce_ledger_usage(&ledger, &used, &cells);

    ok(n == cells && used == cells, "a full ledger has no cell left");
    ok(add(&ledger, "room", 1, "a:0", 1) == NGX_OK,
       "what has a cell is counted on");

    make_idle(&ledger, life);
    ok(add(&ledger, "room", 1, "b:0", 1) == NGX_BUSY,
       "idle cells with something unsent are kept");

    visit(&ledger, 0, 0, acknowledge, NULL);
    ledger.header->full = 0;
    ok(add(&ledger, "room", 1, "b:0", 1) == NGX_BUSY,
       "and cells that were sent just now");

    make_idle(&ledger, life);
    ok(add(&ledger, "room", 1, "a:5", 1) == NGX_OK, "one is counted to");

    again = fill(&ledger, "b");
    is(again, cells - 1, "sent and idle cells serve other fields");

    for (i = 0, same = 0; i < cells; i++) {
        same += ledger.cell[i].life == life[i];
    }

    is(same, 1, "each of them has a life of its own");
    is(sum_of(&ledger), cells - 1 + 2, "the one counted to kept its total");

    /* what is acknowledged late is another life's */

    memset(&receipt, 0, sizeof(receipt));
    receipt.cell = 0;
    receipt.life = life[0];
    receipt.generation = ledger.cell[0].generation;
    receipt.total = 1000;

    if (ledger.cell[0].life == life[0]) {
        receipt.life = life[1];
        receipt.cell = 1;
    }

    ngx_commerce_ledger_acknowledge(&ledger, &receipt);
    is(ledger.cell[receipt.cell].sent, 0, "a late answer is of another life");
}


/* so many seconds pass */

static void
rest(ngx_commerce_ledger_t *ledger, uint32_t seconds)
{
    uint32_t  i;

    for (i = 0; i < ledger->cells; i++) {
        ledger->cell[i].changed -= seconds;
    }

    if (ledger->header->resending) {
        ledger->header->resending -= seconds;
    }

    ledger->header->full = 0;
}


static void
test_resending(void)
{
    ngx_uint_t             n;
    ngx_commerce_ledger_t  ledger;

    ledger_in_memory(&ledger, &test_log, 65536);

    n = fill(&ledger, "a");
    visit(&ledger, 0, 0, acknowledge, NULL);

    rest(&ledger, NGX_COMMERCE_LEDGER_REST - 2);
    ok(add(&ledger, "room", 1, "b", 1) == NGX_BUSY,
       "for ten minutes after an acknowledgement nothing is given away");

    ngx_commerce_ledger_resend(&ledger);
    rest(&ledger, NGX_COMMERCE_LEDGER_REST);
    ngx_commerce_ledger_resend(&ledger);

    ok(add(&ledger, "room", 1, "b", 1) == NGX_BUSY,
       "nor while Redis may have forgotten it");

    visit(&ledger, 0, 1, acknowledge, NULL);
    ngx_commerce_ledger_resent(&ledger);

    ok(add(&ledger, "room", 1, "b", 1) == NGX_BUSY,
       "nor for as long after it was told again");

    rest(&ledger, NGX_COMMERCE_LEDGER_REST + 2);
    ngx_commerce_ledger_resend(&ledger);
    is(fill(&ledger, "b"), n, "what was safe before is given away");
}


static ngx_int_t
add_for(ngx_commerce_ledger_t *ledger, const char *owner, ngx_uint_t n)
{
    char       field[64];
    ngx_str_t  room, name, who;

    sprintf(field, "%s:%u", owner, (unsigned) n);

    room = TEXT("room");
    name = TEXT(field);
    who = TEXT(owner);

    return ngx_commerce_ledger_add(ledger, &room, 1, &name, 1, &who);
}


/* how many cells the owner gets before he is refused */

static ngx_uint_t
sweep(ngx_commerce_ledger_t *ledger, const char *owner)
{
    ngx_uint_t  n;

    for (n = 0; add_for(ledger, owner, n) == NGX_OK; n++) { /* void */ }

    return n;
}


static void
test_owners(void)
{
    char                   owner[16];
    ngx_int_t              rc;
    ngx_uint_t             i, n, used, cells, refused;
    ngx_commerce_ledger_t  ledger;

    ledger_in_memory(&ledger, &test_log, 1024 * 1024);
    ngx_commerce_ledger_usage(&ledger, &used, &cells);

    n = sweep(&ledger, "one");
    ok(n > cells / 2 - 4 && n < cells / 2 + 4, "one owner gets half of all");

    rc = add_for(&ledger, "one", n);
    ok(rc == NGX_DECLINED, "and no more");
    ok(add_for(&ledger, "one", 0) == NGX_OK, "what he has is counted on");

    n = sweep(&ledger, "two");
    ok(n > cells / 6 - 4 && n < cells / 6 + 4, "another a sixth");

    for (i = 0; i < 20; i++) {
        sprintf(owner, "sweeper%u", (unsigned) i);
        sweep(&ledger, owner);
    }

    for (i = 0, refused = 0; i < 60; i++) {
        sprintf(owner, "viewer%u", (unsigned) i);

        /* of these one may share both slots with somebody who sweeps */
        refused += add_for(&ledger, owner, 0) != NGX_OK;
    }

    ngx_commerce_ledger_usage(&ledger, &used, &cells);
    ok(cells - used > cells / 8 && refused <= 1, "who comes then is not refused");
    ok(add(&ledger, "room", 1, "nobody's", 1) == NGX_OK, "nor who has no name");

    ledger.header->building = 1;
    n = ledger.header->used;
    ok(add_for(&ledger, "one", 100000) == NGX_DECLINED
       && ledger.header->used == n,
       "after a process died it is known who has what");

    visit(&ledger, 0, 0, acknowledge, NULL);
    rest(&ledger, NGX_COMMERCE_LEDGER_REST + 2);
    ok(add_for(&ledger, "one", 100000) == NGX_OK,
       "when his cells have rested, he gets others");

    n = sweep(&ledger, "three");
    ok(n > cells / 2 - 8 && n < cells / 2 + 4, "and everybody else, too");
}


static void
last(ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_item_t *item,
    void *data)
{
    (void) ledger;

    *(ngx_commerce_ledger_item_t *) data = *item;
}


static void
test_expiring(void)
{
    uint32_t                    next;
    ngx_str_t                   room, field;
    ngx_commerce_ledger_t       ledger;
    ngx_commerce_ledger_key_t   key;
    ngx_commerce_ledger_item_t  item;
    ngx_commerce_ledger_filter_t  filter;

    ledger_in_memory(&ledger, &test_log, 65536);

    add(&ledger, "room", 1, "f", 20);
    visit(&ledger, 0, 0, acknowledge, NULL);
    rest(&ledger, 1000);
    add(&ledger, "room", 1, "f", 1);

    room = TEXT("room");
    field = TEXT("f");
    ngx_commerce_ledger_map_key(&ledger, &key, &room, 1, &field);

    ngx_memzero(&filter, sizeof(ngx_commerce_ledger_filter_t));
    filter.oldest = time(NULL) - 2000;
    next = 0;

    is(ngx_commerce_ledger_collect(&ledger, key.bucket, &next, &filter, &item,
                                   1), 1, "something new is sent");
    is(item.expired, 0, "soon after what came before");

    filter.oldest = time(NULL) - 500;
    ngx_commerce_ledger_collect(&ledger, key.bucket, &next, &filter, &item, 1);
    is(item.receipt.total, 21, "or so long after");
    is(item.expired, 20, "that Redis keeps that no longer");

    ngx_commerce_ledger_acknowledge(&ledger, &item.receipt);
    visit(&ledger, 0, 1, last, &item);
    is(item.expired, 20, "which is still known when all is sent again");

    rest(&ledger, NGX_COMMERCE_LEDGER_REST + 2);
    fill(&ledger, "other");
    visit(&ledger, 0, 1, last, &item);
    is(item.expired, 0, "but not in the cell's next life");
}


static void
test_generations(void)
{
    uint32_t               i;
    uint64_t               total;
    ngx_uint_t             n, used, cells;
    ngx_commerce_ledger_t  ledger;

    ledger_in_memory(&ledger, &test_log, 65536);

    add(&ledger, "room", 1, "click:a", 7);

    ngx_commerce_ledger_space_renew(&ledger);

    add(&ledger, "room", 1, "click:a", 2);

    ngx_commerce_ledger_usage(&ledger, &used, &cells);
    is(used, 2, "a new generation counts in a cell of its own");

    total = 0;
    is(visit(&ledger, 1, 0, sum, &total), 2, "both are to be sent");
    is(total, 9, "and together hold all");

    ledger_in_memory(&ledger, &test_log, 65536);

    n = fill(&ledger, "a");
    ngx_commerce_ledger_space_renew(&ledger);

    ok(add(&ledger, "room", 1, "a:1", 1) == NGX_BUSY,
       "old cells are kept until they were sent");

    visit(&ledger, 0, 0, acknowledge, NULL);
    ledger.header->full = 0;

    ok(add(&ledger, "room", 1, "a:1", 1) == NGX_BUSY,
       "and while an answer may come late");

    for (i = 0; i < ledger.cells; i++) {
        ledger.cell[i].changed -= NGX_COMMERCE_LEDGER_REST + 2;
    }

    ledger.header->full = 0;

    is(fill(&ledger, "a"), n, "then they are free");
}


static void
test_rebuilding(void)
{
    uint64_t               total;
    ngx_uint_t             n, used, cells;
    ngx_commerce_ledger_t  ledger;

    ledger_in_memory(&ledger, &test_log, 65536);

    n = 50;

    while (n--) {
        char  field[16];

        sprintf(field, "f:%u", (unsigned) n);
        add(&ledger, "room", 1, field, 1);
    }

    total = sum_of(&ledger);

    /* a holder died between a cell's word and its life, both ways */

    ledger.cell[3].word = ngx_commerce_ledger_word(3);
    ledger.cell[4].word = ngx_commerce_ledger_word(1);
    ledger.cell[4].life = 2;
    ledger.header->top++;

    memset(ledger.bucket, 0x7f, ledger.buckets * sizeof(uint32_t));
    ledger.header->free = 0x7f7f7f7f;
    ledger.header->building = 1;

    ok(add(&ledger, "room", 1, "new", 1) == NGX_OK,
       "the next one makes good what a dead holder left");

    is(sum_of(&ledger), total - 2 + 1, "whole cells are all there");

    ngx_commerce_ledger_usage(&ledger, &used, &cells);
    is(used, 49, "and they are counted");

    is(ledger.header->building, 0, "it is done");
}


static void
test_nearness(void)
{
    char                       room[16], field[16];
    uint32_t                   i, first, window[20];
    ngx_str_t                  name, kind;
    ngx_uint_t                 r, f, apart;
    ngx_commerce_ledger_t      ledger;
    ngx_commerce_ledger_key_t  key;

    ledger_in_memory(&ledger, &test_log, 16 * 1024 * 1024);

    for (r = 0; r < 20; r++) {
        for (f = 0; f < 50; f++) {
            sprintf(room, "room%u", (unsigned) r);
            sprintf(field, "click:%u", (unsigned) f);
            add(&ledger, room, 1, field, 1);
        }
    }

    apart = 0;

    for (i = 0; i < 1000; i++) {
        ngx_commerce_ledger_map_cell_key(&ledger, &ledger.cell[i], &key, &name,
                                         &kind);
        first = key.bucket / NGX_COMMERCE_LEDGER_WINDOW;

        if (i % 50 == 0) {
            window[i / 50] = first;
        }

        apart += window[i / 50] != first;
    }

    is(apart, 0, "a room's cells hang on buckets of one window");

    for (i = 0, apart = 0; i < 20; i++) {
        apart += window[i] != window[(i + 1) % 20];
    }

    ok(apart > 12, "different rooms' windows are mostly different");
}


/*
 * Of a large ledger that is full only some cells are looked at each time, so
 * that the lock is not held for long: an idle one is found all the same.
 */

static void
test_searching(void)
{
    uint32_t                     i;
    ngx_int_t                    rc;
    ngx_str_t                    room, field;
    ngx_uint_t                   tries, used, cells;
    ngx_commerce_ledger_t        ledger;
    ngx_commerce_ledger_key_t    key;
    ngx_commerce_ledger_cell_t  *idle;

    ledger_in_memory(&ledger, &test_log, 40 * 1024 * 1024);

    /* as they would be after counts, each in use and with something unsent */

    for (i = 0; i < ledger.cells; i++) {
        ledger.cell[i].life = 2;
        ledger.cell[i].word = ngx_commerce_ledger_word(2) + 1;
    }

    ledger.header->top = ledger.cells;
    ledger.header->used = ledger.cells;

    ngx_commerce_ledger_usage(&ledger, &used, &cells);
    ok(cells > 2 * 65536 && used == cells, "a large ledger is full");

    idle = &ledger.cell[ledger.cells - 1];
    idle->sent = 1;
    idle->generation = ledger.header->generation + 1;

    room = TEXT("room");
    field = TEXT("new");
    ngx_commerce_ledger_map_key(&ledger, &key, &room, 1, &field);

    rc = NGX_AGAIN;

    for (tries = 0; rc == NGX_AGAIN && tries < 10; tries++) {
        rc = ngx_commerce_ledger_space_create(&ledger, &key);
        ok(rc == NGX_OK || ledger.header->hand == (tries + 1) * 65536,
           "a look is at some cells");
    }

    ok(rc == NGX_OK && tries > 2, "the idle one is found by a later one");
    is(idle->life, 4, "and serves the new field");

    idle->word++;
    idle->sent = 1;
    idle->changed -= NGX_COMMERCE_LEDGER_REST + 2;

    ok(add(&ledger, "room", 1, "newer", 1) == NGX_OK,
       "a count looks until it is found");
    is(idle->life, 6, "and is not refused");
    ok(add(&ledger, "room", 1, "newest", 1) == NGX_BUSY, "no other is");

    is(ledger.header->full != 0, 1, "then all were looked at");
}


int
main(void)
{
    test_counting();
    test_limits();
    test_recycling();
    test_resending();
    test_owners();
    test_expiring();
    test_searching();
    test_generations();
    test_rebuilding();
    test_nearness();

    return tap_done();
}
