
#include "ngx_commerce_record.h"


typedef struct {
    u_char                 *pos;
} ngx_commerce_reader_t;


static int64_t ngx_commerce_read_number(ngx_commerce_reader_t *r);
static void ngx_commerce_read_text(ngx_commerce_reader_t *r, ngx_str_t *text);
static void ngx_commerce_read_card(ngx_commerce_reader_t *r,
    ngx_commerce_card_t *card);
static size_t ngx_commerce_record_room_arrays(u_char *blob);
static size_t ngx_commerce_record_out_arrays(u_char *blob);
static size_t ngx_commerce_record_hour_arrays(u_char *blob);
static ngx_uint_t ngx_commerce_record_room_held(u_char *blob);
static void ngx_commerce_record_read_room(ngx_str_t *name, u_char *blob,
    void *record);
static void ngx_commerce_record_read_host(ngx_str_t *name, u_char *blob,
    void *record);
static void ngx_commerce_record_read_product(ngx_str_t *name, u_char *blob,
    void *record);
static void ngx_commerce_record_read_key(ngx_str_t *name, u_char *blob,
    void *record);
static void ngx_commerce_record_read_out(ngx_str_t *name, u_char *blob,
    void *record);
static void ngx_commerce_record_read_hour(ngx_str_t *name, u_char *blob,
    void *record);
static void ngx_commerce_read_room(ngx_commerce_reader_t *r,
    ngx_commerce_room_t *room);
static void ngx_commerce_read_cues(ngx_commerce_reader_t *r,
    ngx_commerce_cue_t *cues, ngx_uint_t n);
static void ngx_commerce_read_periods(ngx_commerce_reader_t *r,
    ngx_commerce_period_t *periods, ngx_uint_t n);
static void ngx_commerce_sort_shelf(ngx_commerce_room_t *room);


const ngx_commerce_kind_t  ngx_commerce_kinds[NGX_COMMERCE_KINDS] = {

    [NGX_COMMERCE_ROOM] = {
        .name = ngx_string("room"),
        .unknown = NGX_COMMERCE_ROOM_UNKNOWN,
        .told = 1,
        .guessed = 1,
        .size = sizeof(ngx_commerce_room_t),
        .arrays = ngx_commerce_record_room_arrays,
        .read = ngx_commerce_record_read_room,
        .held = ngx_commerce_record_room_held
    },

    [NGX_COMMERCE_HOST] = {
        .name = ngx_string("host"),
        .unknown = NGX_COMMERCE_HOST_UNKNOWN,
        .told = 1,
        .size = sizeof(ngx_commerce_host_t),
        .read = ngx_commerce_record_read_host
    },

    [NGX_COMMERCE_PRODUCT] = {
        .name = ngx_string("product"),
        .unknown = NGX_COMMERCE_PRODUCT_UNKNOWN,
        .told = 1,
        .size = sizeof(ngx_commerce_product_t),
        .read = ngx_commerce_record_read_product
    },

    [NGX_COMMERCE_KEY] = {
        .name = ngx_string("stream key"),
        .unknown = NGX_COMMERCE_PROOF_WRONG,
        .guessed = 1,
        .size = sizeof(ngx_commerce_key_t),
        .read = ngx_commerce_record_read_key
    },

    /* there always is one, but its key in Redis may be of a wrong type */

    [NGX_COMMERCE_OUT] = {
        .name = ngx_string("out"),
        .unknown = NGX_COMMERCE_STORE_AWAY,
        .told = 1,
        .size = sizeof(ngx_commerce_out_t),
        .arrays = ngx_commerce_record_out_arrays,
        .read = ngx_commerce_record_read_out
    },

    [NGX_COMMERCE_HOUR] = {
        .name = ngx_string("hour"),
        .unknown = NGX_COMMERCE_ROOM_UNKNOWN,
        .lasting = 1,
        .size = sizeof(ngx_commerce_hour_t),
        .arrays = ngx_commerce_record_hour_arrays,
        .read = ngx_commerce_record_read_hour
    }
};


ngx_str_t  ngx_commerce_host_states[NGX_COMMERCE_HOST_STATES + 1] = {
    [NGX_COMMERCE_HOST_STATE_APPLIED] = ngx_string("applied"),
    [NGX_COMMERCE_HOST_STATE_APPROVED] = ngx_string("approved"),
    [NGX_COMMERCE_HOST_STATE_SUSPENDED] = ngx_string("suspended"),
    [NGX_COMMERCE_HOST_STATE_BANNED] = ngx_string("banned"),
    [NGX_COMMERCE_HOST_STATES] = ngx_null_string
};


ngx_str_t  ngx_commerce_room_states[NGX_COMMERCE_ROOM_STATES + 1] = {
    [NGX_COMMERCE_ROOM_STATE_SCHEDULED] = ngx_string("scheduled"),
    [NGX_COMMERCE_ROOM_STATE_OPEN] = ngx_string("open"),
    [NGX_COMMERCE_ROOM_STATE_CLOSED] = ngx_string("closed"),
    [NGX_COMMERCE_ROOM_STATE_BANNED] = ngx_string("banned"),
    [NGX_COMMERCE_ROOM_STATES] = ngx_null_string
};


ngx_str_t  ngx_commerce_visibilities[NGX_COMMERCE_VISIBILITIES + 1] = {
    [NGX_COMMERCE_VISIBILITY_PUBLIC] = ngx_string("public"),
    [NGX_COMMERCE_VISIBILITY_UNLISTED] = ngx_string("unlisted"),
    [NGX_COMMERCE_VISIBILITY_FOLLOWERS] = ngx_string("followers"),
    [NGX_COMMERCE_VISIBILITIES] = ngx_null_string
};


ngx_str_t  ngx_commerce_product_states[NGX_COMMERCE_PRODUCT_STATES + 1] = {
    [NGX_COMMERCE_PRODUCT_STATE_APPLIED] = ngx_string("applied"),
    [NGX_COMMERCE_PRODUCT_STATE_APPROVED] = ngx_string("approved"),
    [NGX_COMMERCE_PRODUCT_STATE_DOWN] = ngx_string("down"),
    [NGX_COMMERCE_PRODUCT_STATES] = ngx_null_string
};


/*
 * Every blob begins with its head: the version, and of a room whether it has a
 * holder, length of the shelf, and numbers of cues and periods, of who is out
 * the number of viewers, so that they are found without reading it.
 */

#define NGX_COMMERCE_ROOM_HOLDER  1
#define NGX_COMMERCE_ROOM_SHELF   2
#define NGX_COMMERCE_ROOM_CUES    3
#define NGX_COMMERCE_ROOM_PERIODS 4

#define NGX_COMMERCE_OUT_VIEWERS  1

#define NGX_COMMERCE_HOUR_CUES     1
#define NGX_COMMERCE_HOUR_PERIODS  2


static int64_t
ngx_commerce_head(u_char *blob, ngx_uint_t n)
{
    int64_t  value;

    ngx_memcpy(&value, blob + n * sizeof(int64_t), sizeof(int64_t));

    return value;
}


static void
ngx_commerce_read_card(ngx_commerce_reader_t *r, ngx_commerce_card_t *card)
{
    ngx_commerce_read_text(r, &card->product);
    ngx_commerce_read_text(r, &card->title);
    ngx_commerce_read_text(r, &card->price);
    ngx_commerce_read_text(r, &card->currency);
    ngx_commerce_read_text(r, &card->link);
    ngx_commerce_read_text(r, &card->image);
    ngx_commerce_read_text(r, &card->stock);
    card->version = ngx_commerce_read_number(r);
}


size_t
ngx_commerce_record_size(ngx_commerce_kind_e kind, u_char *blob)
{
    const ngx_commerce_kind_t  *row;

    row = &ngx_commerce_kinds[kind];

    return row->size + (row->arrays ? row->arrays(blob) : 0);
}


static size_t
ngx_commerce_record_room_arrays(u_char *blob)
{
    return ngx_commerce_head(blob, NGX_COMMERCE_ROOM_CUES)
           * sizeof(ngx_commerce_cue_t)
           + ngx_commerce_head(blob, NGX_COMMERCE_ROOM_PERIODS)
             * sizeof(ngx_commerce_period_t)
           + ngx_commerce_head(blob, NGX_COMMERCE_ROOM_SHELF)
             * (sizeof(ngx_str_t) + sizeof(ngx_str_t *));
}


static size_t
ngx_commerce_record_out_arrays(u_char *blob)
{
    return ngx_commerce_head(blob, NGX_COMMERCE_OUT_VIEWERS)
           * sizeof(ngx_commerce_ousted_t);
}


static size_t
ngx_commerce_record_hour_arrays(u_char *blob)
{
    return ngx_commerce_head(blob, NGX_COMMERCE_HOUR_CUES)
           * sizeof(ngx_commerce_cue_t)
           + ngx_commerce_head(blob, NGX_COMMERCE_HOUR_PERIODS)
             * sizeof(ngx_commerce_period_t);
}


void
ngx_commerce_record_read(ngx_commerce_kind_e kind, ngx_str_t *name,
    u_char *blob, void *record)
{
    ngx_commerce_kinds[kind].read(name, blob, record);
}


static void
ngx_commerce_record_read_host(ngx_str_t *name, u_char *blob, void *record)
{
    ngx_commerce_host_t *host = record;

    ngx_commerce_reader_t  r;

    r.pos = blob;

    host->name = *name;
    host->version = ngx_commerce_read_number(&r);
    host->state = ngx_commerce_read_number(&r);
    host->until = ngx_commerce_read_number(&r);
    ngx_commerce_read_text(&r, &host->reason);
}


static void
ngx_commerce_record_read_product(ngx_str_t *name, u_char *blob, void *record)
{
    ngx_commerce_product_t *product = record;

    ngx_commerce_reader_t  r;

    r.pos = blob;

    product->name = *name;
    product->version = ngx_commerce_read_number(&r);
    product->state = ngx_commerce_read_number(&r);
    ngx_commerce_read_card(&r, &product->card);
}


static void
ngx_commerce_record_read_key(ngx_str_t *name, u_char *blob, void *record)
{
    ngx_commerce_key_t *key = record;

    ngx_commerce_reader_t  r;

    r.pos = blob;

    key->name = *name;
    (void) ngx_commerce_read_number(&r);
    ngx_commerce_read_text(&r, &key->room);
}


static void
ngx_commerce_record_read_out(ngx_str_t *name, u_char *blob, void *record)
{
    ngx_commerce_out_t *out = record;

    ngx_uint_t              i;
    ngx_commerce_ousted_t  *viewer;
    ngx_commerce_reader_t   r;

    r.pos = blob;

    out->name = *name;
    out->version = ngx_commerce_read_number(&r);
    out->nviewers = ngx_commerce_read_number(&r);
    out->born = ngx_commerce_read_number(&r);
    out->void_until = ngx_commerce_read_number(&r);
    out->viewers = (ngx_commerce_ousted_t *) (out + 1);

    for (i = 0; i < out->nviewers; i++) {
        viewer = &out->viewers[i];

        ngx_commerce_read_text(&r, &viewer->subject);
        viewer->banned = ngx_commerce_read_number(&r);
        viewer->until = ngx_commerce_read_number(&r);
        viewer->void_until = ngx_commerce_read_number(&r);
    }
}


static void
ngx_commerce_record_read_hour(ngx_str_t *name, u_char *blob, void *record)
{
    ngx_commerce_hour_t *hour = record;

    ngx_commerce_reader_t  r;

    r.pos = blob;

    hour->name = *name;
    hour->version = ngx_commerce_read_number(&r);
    hour->ncues = ngx_commerce_read_number(&r);
    hour->nperiods = ngx_commerce_read_number(&r);
    hour->cues_until = ngx_commerce_read_number(&r);

    hour->cues = (ngx_commerce_cue_t *) (hour + 1);
    hour->periods = (ngx_commerce_period_t *) (hour->cues + hour->ncues);

    ngx_commerce_read_cues(&r, hour->cues, hour->ncues);
    ngx_commerce_read_periods(&r, hour->periods, hour->nperiods);
}


static void
ngx_commerce_record_read_room(ngx_str_t *name, u_char *blob, void *record)
{
    ngx_commerce_room_t *room = record;

    ngx_commerce_reader_t  r;

    r.pos = blob;

    room->name = *name;
    ngx_commerce_read_room(&r, room);
}


static void
ngx_commerce_read_room(ngx_commerce_reader_t *r, ngx_commerce_room_t *room)
{
    ngx_str_t   key;
    ngx_uint_t  i;

    room->version = ngx_commerce_read_number(r);
    (void) ngx_commerce_read_number(r);
    room->nshelf = ngx_commerce_read_number(r);
    room->ncues = ngx_commerce_read_number(r);
    room->nperiods = ngx_commerce_read_number(r);

    /* what a click needs lies together */

    room->sorted = (ngx_str_t **) (room + 1);
    room->shelf = (ngx_str_t *) (room->sorted + room->nshelf);
    room->cues = (ngx_commerce_cue_t *) (room->shelf + room->nshelf);
    room->periods = (ngx_commerce_period_t *) (room->cues + room->ncues);

    room->state = ngx_commerce_read_number(r);
    ngx_commerce_read_text(r, &room->host);
    ngx_commerce_read_text(r, &room->title);
    room->visibility = ngx_commerce_read_number(r);
    room->starts = ngx_commerce_read_number(r);
    ngx_commerce_read_text(r, &key);
    ngx_commerce_read_text(r, &room->key_auth);

    room->has_key = (key.len == sizeof(room->key));
    ngx_memcpy(room->key, key.data, key.len);

    room->show = (uint64_t) ngx_commerce_read_number(r);
    ngx_commerce_read_text(r, &room->holder);
    ngx_commerce_read_text(r, &room->cut);
    room->cut_reason = ngx_commerce_read_number(r);
    ngx_commerce_read_text(r, &room->unkept);

    for (i = 0; i < room->nshelf; i++) {
        ngx_commerce_read_text(r, &room->shelf[i]);
    }

    ngx_commerce_sort_shelf(room);

    ngx_commerce_read_cues(r, room->cues, room->ncues);
    room->cues_from = ngx_commerce_read_number(r);
    ngx_commerce_read_periods(r, room->periods, room->nperiods);
}


static void
ngx_commerce_read_cues(ngx_commerce_reader_t *r, ngx_commerce_cue_t *cues,
    ngx_uint_t n)
{
    ngx_uint_t           i;
    ngx_commerce_cue_t  *cue;

    for (i = 0; i < n; i++) {
        cue = &cues[i];

        ngx_commerce_read_text(r, &cue->id);
        cue->at = ngx_commerce_read_number(r);
        cue->show = (uint64_t) ngx_commerce_read_number(r);
        cue->coming = ngx_commerce_read_number(r);
        ngx_commerce_read_card(r, &cue->card);
    }
}


static void
ngx_commerce_read_periods(ngx_commerce_reader_t *r,
    ngx_commerce_period_t *periods, ngx_uint_t n)
{
    ngx_uint_t              i;
    ngx_commerce_period_t  *period;

    for (i = 0; i < n; i++) {
        period = &periods[i];

        period->number = (uint64_t) ngx_commerce_read_number(r);
        period->at = ngx_commerce_read_number(r);
        period->began = ngx_commerce_read_number(r);
        period->epoch = ngx_commerce_read_number(r);
        period->shift = ngx_commerce_read_number(r);
        period->frame = ngx_commerce_read_number(r);
    }
}


static int64_t
ngx_commerce_read_number(ngx_commerce_reader_t *r)
{
    int64_t  n;

    n = ngx_commerce_head(r->pos, 0);
    r->pos += sizeof(int64_t);

    return n;
}


static void
ngx_commerce_read_text(ngx_commerce_reader_t *r, ngx_str_t *text)
{
    uint32_t  len;

    ngx_memcpy(&len, r->pos, sizeof(uint32_t));

    text->len = len;
    text->data = r->pos + sizeof(uint32_t);

    r->pos = text->data + len;
}


int64_t
ngx_commerce_record_version(u_char *blob)
{
    return ngx_commerce_head(blob, 0);
}


ngx_uint_t
ngx_commerce_record_held(ngx_commerce_kind_e kind, u_char *blob)
{
    return ngx_commerce_kinds[kind].held
           && ngx_commerce_kinds[kind].held(blob);
}


static ngx_uint_t
ngx_commerce_record_room_held(u_char *blob)
{
    return ngx_commerce_head(blob, NGX_COMMERCE_ROOM_HOLDER) != 0;
}


static int ngx_libc_cdecl
ngx_commerce_cmp_names(const void *one, const void *two)
{
    ngx_str_t  *first, *second;

    first = *(ngx_str_t **) one;
    second = *(ngx_str_t **) two;

    return (int) ngx_memn2cmp(first->data, second->data, first->len,
                              second->len);
}


static void
ngx_commerce_sort_shelf(ngx_commerce_room_t *room)
{
    ngx_uint_t  i;

    for (i = 0; i < room->nshelf; i++) {
        room->sorted[i] = &room->shelf[i];
    }

    ngx_qsort(room->sorted, room->nshelf, sizeof(ngx_str_t *),
              ngx_commerce_cmp_names);
}


ngx_commerce_host_state_e
ngx_commerce_host_state(ngx_commerce_host_t *host, int64_t now)
{
    if ((host->state == NGX_COMMERCE_HOST_STATE_SUSPENDED
         || host->state == NGX_COMMERCE_HOST_STATE_BANNED)
        && host->until != 0
        && host->until <= now)
    {
        return NGX_COMMERCE_HOST_STATE_APPROVED;
    }

    return host->state;
}


ngx_uint_t
ngx_commerce_room_has(ngx_commerce_room_t *room, ngx_str_t *product)
{
    int         rc;
    ngx_uint_t  low, high, mid;

    low = 0;
    high = room->nshelf;

    while (low < high) {
        mid = low + (high - low) / 2;

        rc = ngx_commerce_cmp_names(&product, &room->sorted[mid]);

        if (rc == 0) {
            return 1;
        }

        if (rc < 0) {
            high = mid;

        } else {
            low = mid + 1;
        }
    }

    return 0;
}


ngx_commerce_ousted_t *
ngx_commerce_out_find(ngx_commerce_out_t *out, ngx_str_t *subject)
{
    int                     rc;
    ngx_uint_t              low, high, mid;
    ngx_commerce_ousted_t  *viewer;

    low = 0;
    high = out->nviewers;

    while (low < high) {
        mid = low + (high - low) / 2;
        viewer = &out->viewers[mid];

        rc = (int) ngx_memn2cmp(subject->data, viewer->subject.data,
                                subject->len, viewer->subject.len);

        if (rc == 0) {
            return viewer;
        }

        if (rc < 0) {
            high = mid;

        } else {
            low = mid + 1;
        }
    }

    return NULL;
}


ngx_commerce_cue_t *
ngx_commerce_room_cue(ngx_commerce_room_t *room, int64_t at)
{
    ngx_uint_t  i;

    for (i = room->ncues; i > 0; i--) {
        if (room->cues[i - 1].at <= at) {
            return &room->cues[i - 1];
        }
    }

    return NULL;
}
