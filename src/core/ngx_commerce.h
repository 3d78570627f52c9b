
/*
 * What every file of the project may use: the kinds of named things, the
 * rules for their names, and the closed list of reasons.
 */


#ifndef _NGX_COMMERCE_H_INCLUDED_
#define _NGX_COMMERCE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct ngx_commerce_tenant_s  ngx_commerce_tenant_t;


/*
 * A kind of record that a node holds.  A key record's name is the lower case
 * hex SHA-256 of a stream key, and it tells the room that key may open.  An out
 * record has its room's name, and tells which viewers are put out of it.  An
 * hour's name is made by ngx_commerce_hour_name().
 */

typedef enum {
    NGX_COMMERCE_ROOM = 0,
    NGX_COMMERCE_HOST,
    NGX_COMMERCE_PRODUCT,
    NGX_COMMERCE_KEY,
    NGX_COMMERCE_OUT,
    NGX_COMMERCE_HOUR,
    NGX_COMMERCE_KINDS
} ngx_commerce_kind_e;


/*
 * the longest name of a room, host or product; of any record; of a kind of
 * count
 */

#define NGX_COMMERCE_NAME_MAX        64
#define NGX_COMMERCE_RECORD_NAME_MAX (NGX_COMMERCE_NAME_MAX + 1 + 9)
#define NGX_COMMERCE_COUNT_KIND_MAX  32


/*
 * Why something was refused.  The text of a reason is what $commerce_reason,
 * the log, the RTMP status, JSON errors and the metrics say.
 */

typedef enum {
    NGX_COMMERCE_ALLOWED = 0,
    NGX_COMMERCE_BAD_NAME,             /* a name breaks the rules for names */
    NGX_COMMERCE_STORE_AWAY,           /* Redis is away and nothing is known */
    NGX_COMMERCE_TOO_MANY_UNKNOWN,     /* look-ups of unknown names limited */
    NGX_COMMERCE_ROOM_UNKNOWN,
    NGX_COMMERCE_ROOM_SCHEDULED,
    NGX_COMMERCE_ROOM_CLOSED,
    NGX_COMMERCE_ROOM_BANNED,
    NGX_COMMERCE_HOST_UNKNOWN,
    NGX_COMMERCE_HOST_APPLIED,
    NGX_COMMERCE_HOST_SUSPENDED,
    NGX_COMMERCE_HOST_BANNED,
    NGX_COMMERCE_PROOF_MISSING,
    NGX_COMMERCE_PROOF_WRONG,
    NGX_COMMERCE_PROOF_EXPIRED,
    NGX_COMMERCE_PROOF_EARLY,          /* issued later than now */
    NGX_COMMERCE_PROOF_TOO_LONG,       /* lasts longer than is allowed */
    NGX_COMMERCE_PROOF_OTHER_ACTION,   /* made for something else */
    NGX_COMMERCE_PROOF_OTHER_ROOM,
    NGX_COMMERCE_PROOF_INSUFFICIENT,   /* right, but not enough for the room */
    NGX_COMMERCE_NOT_FOLLOWING,        /* the host of a room for followers */
    NGX_COMMERCE_VIEWER_BANNED,
    NGX_COMMERCE_VIEWER_SIGNED_OUT,    /* may come back with a later proof */
    NGX_COMMERCE_CODE_WRONG,           /* or ended, withdrawn, used up */
    NGX_COMMERCE_TOO_MANY_GUESSES,     /* of codes, by an address */
    NGX_COMMERCE_ROOM_TAKEN,           /* somebody else publishes it */
    NGX_COMMERCE_REPLACED,             /* the same host published anew */
    NGX_COMMERCE_KICKED,               /* he was told to go, and may return */
    NGX_COMMERCE_SHOW_ENDED,           /* his show was; he may begin another */
    NGX_COMMERCE_SHOW_UNKNOWN,         /* the room had no such show */
    NGX_COMMERCE_NO_VIDEO,             /* nothing that HLS can carry came */
    NGX_COMMERCE_PRODUCT_UNKNOWN,
    NGX_COMMERCE_PRODUCT_NOT_ON_SHELF,
    NGX_COMMERCE_PRODUCT_NOT_APPROVED,
    NGX_COMMERCE_LEDGER_FULL,
    NGX_COMMERCE_TOO_MANY_COUNTS,      /* an address holds too many cells */
    NGX_COMMERCE_CLIP_UNKNOWN,         /* the playlist shows no such cue */
    NGX_COMMERCE_NO_CHAPTERS,          /* the playlist can have none */
    NGX_COMMERCE_CLIP_INCOMPLETE,      /* not all of its moment is listed */
    NGX_COMMERCE_LEDGER_LOST,          /* its file can't be used for now */
    NGX_COMMERCE_REASONS
} ngx_commerce_reason_e;


/* the reason's text, e.g. "room_unknown": static memory */
ngx_str_t *ngx_commerce_reason(ngx_commerce_reason_e reason);

/*
 * 1 if the reason passes by itself, so that whoever was refused for it should
 * try again without anybody doing anything.
 */
ngx_uint_t ngx_commerce_reason_passes(ngx_commerce_reason_e reason);


/*
 * The rules for names, in one place.
 * Rooms, also as names of who is out of them: [a-z0-9][a-z0-9_-]{0,63} (upper
 * case letters are allowed after the first character); hosts and products, and
 * viewers, whose rule is the hosts': [A-Za-z0-9_-]{1,64}; kinds of count:
 * [a-z][a-z0-9_]{0,31}.  A key's name is 64 hex digits.  An hour's is a room's,
 * a slash, and up to 9 digits.
 *
 * Return 1 if the name obeys, else 0.
 */
ngx_uint_t ngx_commerce_name_valid(ngx_commerce_kind_e kind, ngx_str_t *name);
ngx_uint_t ngx_commerce_count_kind_valid(ngx_str_t *name);


/* 1 if no process has this number: who had it has died */
ngx_uint_t ngx_commerce_process_gone(ngx_pid_t pid);


#endif /* _NGX_COMMERCE_H_INCLUDED_ */
