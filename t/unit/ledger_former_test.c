
/*
 * A ledger of format 2, as the binary before leaves it, beside the ledger of
 * this one: it is taken in once nobody uses it, and nothing of it is counted
 * twice.
 */

/* links: src/core/ngx_commerce_ledger*.c src/core/ngx_commerce_hash.c */


#include "ledger_nginx.h"


#define SIZE   (128 * 1024)
#define CELLS  491


/* format 2 as it was */

typedef struct {
    u_char      magic[8];
    uint32_t    version, cell_size;
    uint64_t    size;
    uint32_t    prefix_len;
    u_char      prefix[256];
    uint64_t    sum;
} old_label_t;

typedef struct {
    uint64_t    word, sent, generation, show;
    uint32_t    life, next, hash, changed;
    uint8_t     room_len, field_len;
    u_char      key[206];
} old_cell_t;


static char        former[64];
static old_cell_t  cells[CELLS];


static old_cell_t *
old_cell(uint32_t index, uint32_t life, const char *room, const char *field,
    uint64_t total, uint64_t sent)
{
    old_cell_t  *cell = &cells[index];

    memset(cell, 0, sizeof(old_cell_t));

    cell->word = ((uint64_t) life << 53) + total;
    cell->sent = sent;
    cell->generation = 0x1234;
    cell->show = 7;
    cell->life = life;
    cell->changed = (uint32_t) time(NULL);
    cell->room_len = strlen(room);
    cell->field_len = strlen(field);
    memcpy(cell->key, room, cell->room_len);
    memcpy(cell->key + cell->room_len, field, cell->field_len);

    cell->hash = ngx_commerce_hash((u_char *) field, strlen(field),
                     ngx_commerce_hash((u_char *) room, strlen(room),
                                       7)) >> 32;

    return cell;
}


/* writes them, whose generation is said to be the header's */

static void
old_file(uint64_t generation, const char *prefix)
{
    int          fd;
    old_label_t  label;

    memset(&label, 0, sizeof(label));
    memcpy(label.magic, "NGXCLDGR", 8);
    label.version = 2;
    label.cell_size = 256;
    label.size = SIZE;
    label.prefix_len = strlen(prefix);
    memcpy(label.prefix, prefix, label.prefix_len);
    label.sum = ngx_commerce_hash((u_char *) &label,
                                  offsetof(old_label_t, sum), 0);

    fd = open(former, O_RDWR|O_CREAT, 0600);

    if (ftruncate(fd, SIZE) != 0
        || pwrite(fd, &label, sizeof(label), 0) != sizeof(label)
        || pwrite(fd, &generation, 8, 1024) != 8
        || pwrite(fd, cells, sizeof(cells), 4096) != sizeof(cells))
    {
        abort();
    }

    close(fd);
}


/* as an old binary has it in use */

static int
use(void)
{
    int           fd;
    struct flock  fl = { .l_type = F_RDLCK, .l_start = 1, .l_len = 1 };

    fd = open(former, O_RDWR);

    if (fcntl(fd, F_OFD_SETLK, &fl) == -1) {
        abort();
    }

    return fd;
}


typedef struct {
    ngx_uint_t                  n;
    ngx_commerce_ledger_item_t  last;
} seen_t;


static void
see(ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_item_t *item,
    void *data)
{
    seen_t  *seen = data;

    (void) ledger;

    seen->n++;
    seen->last = *item;
}


static ngx_commerce_ledger_t *
begun(nginx_t *nginx)
{
    ngx_commerce_ledger_t  *ledger;

    ngx_log_error(NGX_LOG_INFO, &ngx_shim_log, 0, "begun");
    started_former = former;
    ledger = started(nginx, SIZE, "commerce:");

    return ledger;
}


static void
test_unused(void)
{
    seen_t                  seen;
    nginx_t                 nginx;
    ngx_commerce_ledger_t  *ledger;

    old_cell(0, 2, "room", "click:a", 5, 0);
    old_cell(3, 4102, "room", "click:b", 9, 4);
    old_cell(4, 2, "room", "click:c", 3, 3);
    old_cell(5, 3, "room", "click:free", 8, 0);
    old_cell(6, 2, "room", "click:torn", 8, 0)->hash ^= 1;
    old_cell(CELLS - 1, 2, "moor", "click:last", 1, 0);
    old_file(0x1234, "commerce:");

    ledger = begun(&nginx);
    is(size_of(former), (uint64_t) -1, "it is taken in, and gone");
    is(sum_of(ledger), 18, "with what its cells held, free and torn ones not");
    is(visit(ledger, 1, 0, NULL, NULL), 3, "what it had not sent will be");

    memset(&seen, 0, sizeof(seen));
    visit(ledger, 0, 0, see, &seen);
    is(seen.n, 3, "by itself");

    add(ledger, "room", 7, "click:b", 1);
    is(sum_of(ledger), 19, "counts go on in cells of their own");

    visit(ledger, 0, 0, acknowledge, NULL);
    is(visit(ledger, 0, 0, NULL, NULL), 0, "all can be acknowledged");

    /* once more, as if a crash had come before it was gone */

    old_file(0x1234, "commerce:");
    stop(&nginx);
    ledger = begun(&nginx);
    is(sum_of(ledger), 19, "what is taken in twice is there once");
    is(visit(ledger, 0, 0, NULL, NULL), 0, "and was sent");
    stop(&nginx);
}


static void
test_identity(void)
{
    seen_t                  seen;
    nginx_t                 nginx;
    ngx_commerce_ledger_t  *ledger;

    run("rm -f ledger*");
    memset(cells, 0, sizeof(cells));
    old_cell(77, 4102, "room", "click:b", 9, 4);
    old_file(0x1234, "commerce:");

    ledger = begun(&nginx);
    memset(&seen, 0, sizeof(seen));
    visit(ledger, 0, 0, see, &seen);

    ok(seen.n == 1
       && seen.last.receipt.generation == 0x1234
       && seen.last.receipt.id == 77
       && seen.last.receipt.id_life == 4102,
       "a cell keeps the name that Redis knows it by");
    ok(seen.last.receipt.total == 9 && seen.last.sent == 4
       && seen.last.show == 7, "its total, and what was sent of it");
    stop(&nginx);

    ledger = begun(&nginx);
    memset(&seen, 0, sizeof(seen));
    visit(ledger, 0, 0, see, &seen);
    ok(seen.n == 1 && seen.last.receipt.id == 77, "over a start, too");
    stop(&nginx);
}


static void
test_in_use(void)
{
    int                     fd;
    nginx_t                 nginx, other;
    ngx_uint_t              i;
    struct stat             before, after;
    ngx_commerce_ledger_t  *ledger;

    run("rm -f ledger*");
    memset(cells, 0, sizeof(cells));
    old_cell(0, 2, "room", "click:a", 5, 0);
    old_file(0x1234, "commerce:");
    stat(former, &before);
    fd = use();

    ledger = begun(&nginx);
    (void) begun(&other);
    ngx_commerce_ledger_tick(ledger);
    stat(former, &after);
    ok(memcmp(&before.st_ctim, &after.st_ctim, sizeof(struct timespec)) == 0
       && before.st_ino == after.st_ino, "in use, it is left alone");
    is(sum_of(ledger), 0, "and whoever uses it sends it");
    add(ledger, "room", 7, "click:a", 1);

    /* the old one counts on, and goes */

    for (i = 1; i <= 480; i++) {
        char  field[16];

        sprintf(field, "f:%u", (unsigned) i);
        old_cell(i, 2, "other", field, 1, i % 2);
    }

    old_file(0x1234, "commerce:");
    close(fd);
    ngx_commerce_ledger_tick(ledger);
    is(sum_of(ledger), 1 + 5 + 480, "then all of it is taken in");
    is(size_of(former), (uint64_t) -1, "it is gone");

    ngx_commerce_ledger_tick(other.tenant.ledger);
    is(sum_of(ledger), 1 + 5 + 480, "a second one finds nothing");
    ok(ledger->former_path == NULL
       && other.tenant.ledger->former_path == NULL, "and all is over");

    stop(&other);
    stop(&nginx);
}


/* the old binary comes back before all was taken in */

static void
test_back(void)
{
    int                     fd;
    nginx_t                 nginx;
    ngx_commerce_ledger_t  *ledger;

    run("rm -f ledger*");
    memset(cells, 0, sizeof(cells));
    old_cell(0, 2, "room", "click:a", 5, 0);
    old_file(0x1234, "commerce:");
    fd = use();

    ledger = begun(&nginx);
    ledger->header->former = 0x1234;
    ledger->header->former_next = 100;
    old_cell(0, 2, "room", "click:a", 6, 5);
    old_cell(1, 2, "room", "click:a", 2, 0)->generation = 0x5678;
    old_file(0x5678, "commerce:");
    close(fd);

    ngx_commerce_ledger_tick(ledger);
    is(sum_of(ledger), 8, "a file that was used in between is read anew");
    stop(&nginx);
}


static void
test_full(void)
{
    int                     fd;
    char                    field[16];
    nginx_t                 nginx;
    ngx_uint_t              i;
    ngx_commerce_ledger_t  *ledger;

    run("rm -f ledger*");
    memset(cells, 0, sizeof(cells));
    old_cell(0, 2, "room", "click:sent", 3, 3);
    old_cell(1, 2, "room", "click:a", 5, 0);
    old_file(0x1234, "commerce:");
    fd = use();
    ledger = begun(&nginx);

    for (i = 0; i < ledger->cells; i++) {
        sprintf(field, "f:%u", (unsigned) i);
        add(ledger, "room", 1, field, 1);
    }

    close(fd);
    ngx_commerce_ledger_tick(ledger);
    ok(strstr(ngx_shim_logged(), "are taken in when there is room") != NULL
       && size_of(former) == SIZE, "a full ledger takes nothing in");
    is(sum_of(ledger), ledger->cells, "and loses nothing of its own");

    visit(ledger, 0, 0, acknowledge, NULL);

    for (i = 0; i < ledger->cells; i++) {
        ledger->cell[i].changed -= NGX_COMMERCE_LEDGER_REST + 2;
    }

    ledger->header->full = 0;
    ngx_commerce_ledger_tick(ledger);
    is(size_of(former), (uint64_t) -1, "when there is room it does");
    is(visit(ledger, 0, 0, NULL, NULL), 1, "what is unsent");
    stop(&nginx);
}


static void
test_others(void)
{
    nginx_t  nginx;

    run("rm -f ledger*");
    old_file(0x1234, "other:");
    (void) begun(&nginx);
    ok(size_of(former) == SIZE
       && strstr(ngx_shim_logged(), "another namespace") != NULL,
       "a ledger of another namespace is left alone, and said so");
    stop(&nginx);

    run("cat /etc/passwd > ledger");
    (void) begun(&nginx);
    ok(size_of(former) > 0
       && strstr(ngx_shim_logged(), "is no ledger") != NULL,
       "so is what is none");
    stop(&nginx);

    run("truncate -s 0 ledger");
    (void) begun(&nginx);
    ok(strcmp(ngx_shim_logged(), "begun") == 0, "nothing is said of nothing");
    stop(&nginx);

    run("rm -f ledger && ln -s /etc/passwd ledger");
    (void) begun(&nginx);
    ok(strstr(ngx_shim_logged(), "open() of") != NULL,
       "a link is not followed");
    stop(&nginx);

    ngx_test_config = 1;
    run("rm -f ledger ledger.3");
    old_file(0x1234, "commerce:");
    started_former = former;
    ok(start(&nginx, SIZE, "commerce:") == NGX_OK
       && size_of(former) == SIZE, "nginx -t leaves it alone");
    stop(&nginx);
    ngx_test_config = 0;
}


int
main(void)
{
    make_dir();
    snprintf(former, sizeof(former), "%s", path);
    strcat(path, ".3");

    test_unused();
    test_identity();
    test_in_use();
    test_back();
    test_full();
    test_others();

    remove_dir();

    return tap_done();
}
