
/*
 * Records: what a node knows of a room, a host, a product, a stream key, of who
 * is put out of a room, and of what was in a room's past.
 *
 * A record travels as one flat buffer (from the loader into the zone, from
 * the zone onto a worker's heap) and is read as one of the structures below.
 * What a structure points at belongs to it; all of it is immutable.
 */


#ifndef _NGX_COMMERCE_RECORD_H_INCLUDED_
#define _NGX_COMMERCE_RECORD_H_INCLUDED_


#include "ngx_commerce.h"
#include "ngx_commerce_text.h"


typedef enum {
    NGX_COMMERCE_HOST_STATE_APPLIED = 0,
    NGX_COMMERCE_HOST_STATE_APPROVED,
    NGX_COMMERCE_HOST_STATE_SUSPENDED,
    NGX_COMMERCE_HOST_STATE_BANNED,
    NGX_COMMERCE_HOST_STATES
} ngx_commerce_host_state_e;


typedef enum {
    NGX_COMMERCE_ROOM_STATE_SCHEDULED = 0,
    NGX_COMMERCE_ROOM_STATE_OPEN,
    NGX_COMMERCE_ROOM_STATE_CLOSED,
    NGX_COMMERCE_ROOM_STATE_BANNED,
    NGX_COMMERCE_ROOM_STATES
} ngx_commerce_room_state_e;


typedef enum {
    NGX_COMMERCE_VISIBILITY_PUBLIC = 0,
    NGX_COMMERCE_VISIBILITY_UNLISTED,
    NGX_COMMERCE_VISIBILITY_FOLLOWERS,
    NGX_COMMERCE_VISIBILITIES
} ngx_commerce_visibility_e;


typedef enum {
    NGX_COMMERCE_PRODUCT_STATE_APPLIED = 0,
    NGX_COMMERCE_PRODUCT_STATE_APPROVED,
    NGX_COMMERCE_PRODUCT_STATE_DOWN,
    NGX_COMMERCE_PRODUCT_STATES
} ngx_commerce_product_state_e;


/*
 * A product's card.  Every text is UTF-8 without control characters, bounded
 * (see NGX_COMMERCE_TEXT_MAX), and free of '"', so that it may stand in an
 * HLS quoted-string (RFC 8216bis 4.2) as it is: that was seen to when the
 * record was loaded.  A link that may not be shown (not http or https, or
 * its host is not among product_hosts) is empty.
 */

typedef struct {
    ngx_str_t                     product;    /* empty: nothing is pinned */
    ngx_str_t                     title;
    ngx_str_t                     price;      /* decimal digits, minor units */
    ngx_str_t                     currency;
    ngx_str_t                     link;
    ngx_str_t                     image;
    ngx_str_t                     stock;      /* decimal digits */
    int64_t                       version;    /* of the product */
} ngx_commerce_card_t;


typedef struct {
    ngx_str_t                     id;         /* Redis stream entry's ID */
    int64_t                       at;         /* ms since the epoch */
    uint64_t                      show;
    ngx_uint_t                    coming;     /* it was when it was added, and
                                                 could be taken back since */
    ngx_commerce_card_t           card;
} ngx_commerce_cue_t;


/*
 * What one publish brought: a stretch of a stream in one clock, without a gap.
 * All times are ms, of Redis's clock.
 */

typedef struct {
    uint64_t                      number;     /* of periods before it */
    int64_t                       at;         /* its first frame arrived */
    int64_t                       began;      /* date of that frame by the
                                                 stream's own clock: <= at */
    int64_t                       epoch;      /* date of RTMP time 0 */
    int64_t                       shift;      /* taken from its dates, so that
                                                 gaps between periods close */
    int64_t                       frame;      /* how long one lasts; 0: not
                                                 known */
} ngx_commerce_period_t;


typedef struct {
    ngx_str_t                     name;
    int64_t                       version;
    ngx_commerce_room_state_e     state;
    ngx_str_t                     host;
    ngx_str_t                     title;
    ngx_commerce_visibility_e     visibility;
    int64_t                       starts;     /* ms; 0: nobody said when */
    u_char                        key[32];    /* SHA-256 of the stream key */
    ngx_uint_t                    has_key;
    ngx_str_t                     key_auth;   /* see ngx_commerce_login.h */
    uint64_t                      show;       /* current or last; 0: none yet */
    ngx_str_t                     holder;     /* whose claim; empty: not live */
    ngx_str_t                     cut;        /* the claim last taken away */
    ngx_commerce_reason_e         cut_reason; /* KICKED or SHOW_ENDED */
    ngx_str_t                     unkept;     /* a digest of the cues, if they
                                                 are not all kept with their
                                                 shows; or empty */

    ngx_str_t                    *shelf;      /* product ids by position */
    ngx_uint_t                    nshelf;

    ngx_commerce_cue_t           *cues;       /* by at, no two equal */
    ngx_uint_t                    ncues;
    int64_t                       cues_from;  /* ms, from which on no cue of
                                                 the room's is missing; 0: of
                                                 all that it ever had */
    ngx_commerce_period_t        *periods;    /* the last ones, by at */
    ngx_uint_t                    nperiods;

    ngx_str_t                   **sorted;     /* the shelf by product id */
} ngx_commerce_room_t;


typedef struct {
    ngx_str_t                     name;
    int64_t                       version;
    ngx_commerce_host_state_e     state;
    int64_t                       until;      /* ms; 0: the state has no end */
    ngx_str_t                     reason;
} ngx_commerce_host_t;


typedef struct {
    ngx_str_t                     name;
    int64_t                       version;
    ngx_commerce_product_state_e  state;
    ngx_commerce_card_t           card;
} ngx_commerce_product_t;


typedef struct {
    ngx_str_t                     name;
    ngx_str_t                     room;
} ngx_commerce_key_t;


/*
 * Who is put out of a room.  A viewer is banned until a time, whatever proof he
 * brings; and proofs that were issued until a time are void.
 */

typedef struct {
    ngx_str_t                     subject;
    ngx_uint_t                    banned;
    int64_t                       until;      /* ms; 0: for ever */
    int64_t                       void_until; /* ms; 0: none is void */
} ngx_commerce_ousted_t;


typedef struct {
    ngx_str_t                     name;       /* the room's */
    int64_t                       version;
    int64_t                       born;       /* tells lists of one room that
                                                 have one version apart */
    int64_t                       void_until; /* of everybody's proofs; ms */
    ngx_commerce_ousted_t        *viewers;    /* by subject */
    ngx_uint_t                    nviewers;
} ngx_commerce_out_t;


/*
 * An hour of a room's past, whatever shows there were.  What its times say to be
 * complete does not change any more; of what came later an hour that is loaded
 * anew has more.
 */

typedef struct {
    ngx_str_t                     name;
    int64_t                       version;    /* ms, by Redis's clock, when it
                                                 was loaded */
    int64_t                       cues_until; /* ms, until which they are */
    ngx_commerce_cue_t           *cues;       /* by at, first the one in force
                                                 when it begins */
    ngx_uint_t                    ncues;
    ngx_commerce_period_t        *periods;    /* the same, and the one that
                                                 follows the hour */
    ngx_uint_t                    nperiods;
} ngx_commerce_hour_t;


/* what is known of a viewer, or NULL: nothing; logarithmic in their number */
ngx_commerce_ousted_t *ngx_commerce_out_find(ngx_commerce_out_t *out,
    ngx_str_t *subject);

/*
 * The state that a host is in at a time (ms): with the end of a suspension or
 * ban he is approved again.
 */
ngx_commerce_host_state_e ngx_commerce_host_state(ngx_commerce_host_t *host,
    int64_t now);

/* 1 if the product stands on the room's shelf; logarithmic in its length */
ngx_uint_t ngx_commerce_room_has(ngx_commerce_room_t *room,
    ngx_str_t *product);

/* the cue in force at a time (ms), or NULL if there is none */
ngx_commerce_cue_t *ngx_commerce_room_cue(ngx_commerce_room_t *room,
    int64_t at);


/*
 * What the kinds of records differ in, one row for each; that which Redis has
 * to know is in ngx_commerce_redis_record.h.
 */

typedef struct {
    ngx_str_t                     name;       /* for logs */
    ngx_commerce_reason_e         unknown;    /* there is no such record */
    unsigned                      told:1;     /* the source tells of changes */
    unsigned                      guessed:1;  /* names come from outside: look-
                                                 ups of them are limited */
    unsigned                      lasting:1;  /* never too old: whoever uses it
                                                 has it loaded anew */

    size_t                        size;       /* of the structure */
    size_t                      (*arrays)(u_char *blob);   /* of its arrays, or
                                                              NULL: none */
    void                        (*read)(ngx_str_t *name, u_char *blob,
                                        void *record);
    ngx_uint_t                  (*held)(u_char *blob);     /* NULL: never */
} ngx_commerce_kind_t;

extern const ngx_commerce_kind_t  ngx_commerce_kinds[NGX_COMMERCE_KINDS];

/*
 * Bytes that ngx_commerce_record_read() needs beside the blob, for the
 * structure and its arrays: told by the blob's head.
 */
size_t ngx_commerce_record_size(ngx_commerce_kind_e kind, u_char *blob);

/*
 * Reads a blob, which must stay as long as the record, into memory of
 * ngx_commerce_record_size() bytes.
 */
void ngx_commerce_record_read(ngx_commerce_kind_e kind, ngx_str_t *name,
    u_char *blob, void *record);

/* by a blob's head: its record's version; whether it has a holder */
int64_t ngx_commerce_record_version(u_char *blob);
ngx_uint_t ngx_commerce_record_held(ngx_commerce_kind_e kind, u_char *blob);

/* the words of states, by their enums, and an empty one */
extern ngx_str_t
    ngx_commerce_host_states[NGX_COMMERCE_HOST_STATES + 1],
    ngx_commerce_room_states[NGX_COMMERCE_ROOM_STATES + 1],
    ngx_commerce_visibilities[NGX_COMMERCE_VISIBILITIES + 1],
    ngx_commerce_product_states[NGX_COMMERCE_PRODUCT_STATES + 1];


#endif /* _NGX_COMMERCE_RECORD_H_INCLUDED_ */
