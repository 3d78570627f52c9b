
/*
 * The ledger's inside: what stands in the file, and who may change what.
 *
 *     header (4096 bytes) | cells | marks | buckets | … | seal (8 bytes)
 *
 * Cells come first and never move, so that the file can grow or shrink
 * behind them; marks and buckets can be made anew from the cells at any time.
 * Between them and the seal is room for entries and their index, which the
 * label says the places of; this version makes none, and leaves them alone.
 * The seal is the generation's complement: whoever cuts the file short breaks
 * it, even if of both nothing but zeroes is left.
 *
 * Without a lock counts change a cell's word and the marks, flushes its sent,
 * changed and expired and the header's resending, and whoever says that it is
 * full the header's alerted and warned.
 * All else is changed under the lock (a record lock, which dies with its
 * holder) or by a process that knows that it is alone; but who joins others
 * with another Redis sets source.
 */


#ifndef _NGX_COMMERCE_LEDGER_MAP_H_INCLUDED_
#define _NGX_COMMERCE_LEDGER_MAP_H_INCLUDED_


#include "ngx_commerce_hash.h"
#include "ngx_commerce_ledger.h"
#include <signal.h>


#define NGX_COMMERCE_LEDGER_MAGIC     "NGXCLDGR"
#define NGX_COMMERCE_LEDGER_VERSION   3
#define NGX_COMMERCE_LEDGER_HEADER    4096

/* at the file's end, so that all before it lies on whole cache lines */

#define NGX_COMMERCE_LEDGER_TAIL      64

/*
 * Seconds after which a cell whose total was acknowledged may serve another
 * field.  Redis is taken not to go back further: until then the cell can tell
 * it anew what it forgot.
 */
#define NGX_COMMERCE_LEDGER_REST      600

/*
 * How many cells an owner has is counted twice, in slots that he shares with
 * different others: the lower figure holds.
 */
#define NGX_COMMERCE_LEDGER_ACCOUNTS  2
#define NGX_COMMERCE_LEDGER_SLOTS     256

/*
 * word: the low 11 bits of the cell's life above a total of 53 bits, which is
 * as much as Lua's numbers hold exactly.  A count replaces the word it saw:
 * if the cell was given to another field in between, the tag differs and the
 * count looks again.
 */

#define NGX_COMMERCE_LEDGER_TOTAL_BITS  53
#define NGX_COMMERCE_LEDGER_TOTAL_MAX                                         \
    (((uint64_t) 1 << NGX_COMMERCE_LEDGER_TOTAL_BITS) - 1)

#define ngx_commerce_ledger_total(word)                                       \
    ((word) & NGX_COMMERCE_LEDGER_TOTAL_MAX)
#define ngx_commerce_ledger_tag(word)                                         \
    ((uint32_t) ((word) >> NGX_COMMERCE_LEDGER_TOTAL_BITS))
#define ngx_commerce_ledger_word(life)                                        \
    ((uint64_t) (life) << NGX_COMMERCE_LEDGER_TOTAL_BITS)

/* an even life is in use, an odd one is free; 0: never used */
#define ngx_commerce_ledger_in_use(word)                                      \
    ((ngx_commerce_ledger_tag(word) & 1) == 0)


#define ngx_commerce_ledger_load(p)      __atomic_load_n(p, __ATOMIC_SEQ_CST)
#define ngx_commerce_ledger_store(p, v)  __atomic_store_n(p, v,               \
                                                          __ATOMIC_SEQ_CST)


typedef struct {
    uint64_t    word;
    uint64_t    sent;
    uint64_t    generation;
    uint64_t    show;
    uint32_t    life;
    uint32_t    next;             /* index + 1 in the bucket; 0: the last */
    uint32_t    hash;
    uint32_t    changed;          /* seconds: when sent last rose */

    /* as Redis knows it: a life of its field in its generation; or else, 0 */
    uint64_t    epoch;

    /* by its place and life in the file that it was taken from */
    uint32_t    id;
    uint32_t    id_life;

    uint64_t    expired;          /* a word: of sent, gone with the counts */

    uint8_t     owner[NGX_COMMERCE_LEDGER_ACCOUNTS];  /* his slots */
    uint8_t     room_len;
    uint8_t     field_len;
    u_char      key[NGX_COMMERCE_LEDGER_KEY_MAX];
} ngx_commerce_ledger_cell_t;


/* what the file is; written whole, under a checksum, by who is alone */

typedef struct {
    u_char      magic[8];
    uint32_t    version;
    uint32_t    cell_size;
    uint64_t    size;             /* of the file, bytes */
    uint64_t    counts;           /* of header, cells, marks, buckets */
    uint64_t    ring;             /* where entries begin; 0: there are none */
    uint64_t    ring_size;
    uint64_t    index;            /* where their index begins */
    uint64_t    index_size;
    uint32_t    prefix_len;
    u_char      prefix[256];      /* the namespace */
    uint64_t    sum;              /* of all above */
} ngx_commerce_ledger_label_t;


typedef struct {
    ngx_commerce_ledger_label_t  label;
    u_char      reserved[1024 - sizeof(ngx_commerce_ledger_label_t)];

    uint64_t    generation;       /* random; of the cells made from now on */

    uint32_t    building;         /* 1: the lock's holder is half-way through */
    uint32_t    top;              /* cells from here on were never used */
    uint32_t    free;             /* index + 1 of the first free one below */
    uint32_t    used;
    uint32_t    hand;             /* where the search for idle cells goes on */
    uint32_t    full;             /* seconds: when nothing was found idle */
    uint32_t    alerted;          /* seconds */
    uint32_t    searched;         /* cells since one was idle */

    uint64_t    source;           /* a hash: where its users send counts */
    uint64_t    epoch;            /* of the newest life */
    uint64_t    beat;             /* raised by all who use the file */

    uint64_t    former;           /* generation of a file being taken in */
    uint32_t    former_next;      /* the cell of it that comes next */

    uint32_t    warned;           /* seconds */
    uint32_t    resending;        /* seconds: since then Redis may lack what it
                                     acknowledged before; 0: it has all */

    /* cells in use, by their owners' slots; slot 0: those of nobody */
    uint32_t    held[NGX_COMMERCE_LEDGER_ACCOUNTS][NGX_COMMERCE_LEDGER_SLOTS];
} ngx_commerce_ledger_header_t;


struct ngx_commerce_ledger_s {
    ngx_commerce_ledger_header_t  *header;
    ngx_commerce_ledger_cell_t    *cell;
    uint64_t                      *marks;
    uint32_t                      *bucket;
    uint64_t                      *seal;

    uint32_t                       cells;
    uint32_t                       buckets;   /* a power of two */
    size_t                         size;

    int                            fd;        /* -1: memory of one process */
    ngx_str_t                      path;      /* ends with a zero byte */
    ngx_commerce_ledger_label_t    label;     /* as the file has to have it */
    ngx_log_t                     *log;
    u_char                        *conf_file; /* of its directive */
    ngx_uint_t                     conf_line;

    /*
     * Set where the file could not be reached any more: the pointers above
     * lead into empty memory of this process alone (ngx_commerce_ledger_map.c)
     * until the lock is taken the next time.
     */
    volatile sig_atomic_t          lost;
    ngx_commerce_ledger_t         *mapped;    /* the next of this process */

    int                            former;    /* of the format before */
    char                          *former_path;  /* NULL: there is none */

    uint64_t                       beat;      /* as this process knows it */

    time_t                         failed;    /* when it wasn't made good */
    unsigned                       told:1;    /* the log knows */
    unsigned                       former_told:1;
};


typedef struct {
    ngx_str_t  *room;
    ngx_str_t  *field;
    ngx_str_t  *owner;            /* of a cell that is made for it, or NULL */
    uint64_t    show;
    uint32_t    hash;
    uint32_t    bucket;
} ngx_commerce_ledger_key_t;


/* sets in a label what a file of that size without entries has where */
void ngx_commerce_ledger_map_shape(ngx_commerce_ledger_label_t *label,
    size_t size);

/* how many cells and buckets a file has with so many bytes for counts */
void ngx_commerce_ledger_map_capacity(size_t counts, uint32_t *cells,
    uint32_t *buckets);

/* lets the ledger's pointers point into the file at header */
void ngx_commerce_ledger_map_attach(ngx_commerce_ledger_t *ledger,
    void *header, ngx_commerce_ledger_label_t *label);

/* sets a key, its hash and bucket up; the strings are not copied */
void ngx_commerce_ledger_map_key(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_key_t *key, ngx_str_t *room, uint64_t show,
    ngx_str_t *field);

/* the cell of a key in the present generation and its word, or NULL */
ngx_commerce_ledger_cell_t *ngx_commerce_ledger_map_find(
    ngx_commerce_ledger_t *ledger, ngx_commerce_ledger_key_t *key,
    uint64_t *word);

/* the key of a cell, which room and field of it point into */
void ngx_commerce_ledger_map_cell_key(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_cell_t *cell, ngx_commerce_ledger_key_t *key,
    ngx_str_t *room, ngx_str_t *field);


/* 1 if nothing was cut off since the generation began */
#define ngx_commerce_ledger_map_sealed(ledger)                                \
    (ngx_commerce_ledger_load((ledger)->seal)                                 \
     == ~ngx_commerce_ledger_load(&(ledger)->header->generation))


/* logs what is wrong with it, and where it is configured; err may be 0 */
void ngx_cdecl ngx_commerce_ledger_map_emerg(ngx_commerce_ledger_t *ledger,
    ngx_err_t err, const char *fmt, ...);


/*
 * Maps a file of that label, and sees to it that this process outlives its
 * loss.  NGX_OK or NGX_ERROR (logged).
 */
ngx_int_t ngx_commerce_ledger_map(ngx_commerce_ledger_t *ledger,
    ngx_commerce_ledger_label_t *label);
void ngx_commerce_ledger_map_unmap(ngx_commerce_ledger_t *ledger);

/* maps what was lost, in its place; NGX_OK or NGX_ERROR with ngx_errno set */
ngx_int_t ngx_commerce_ledger_map_remap(ngx_commerce_ledger_t *ledger);

/*
 * Allocates so many bytes, so that a full disk shows now, and not as SIGBUS
 * later.  Returns 0 or an error number.
 */
ngx_err_t ngx_commerce_ledger_map_allocate(ngx_commerce_ledger_t *ledger,
    size_t size);


#define ngx_commerce_ledger_map_sum(label)                                    \
    ngx_commerce_hash((u_char *) (label),                                     \
                      offsetof(ngx_commerce_ledger_label_t, sum), 0)


#endif /* _NGX_COMMERCE_LEDGER_MAP_H_INCLUDED_ */
