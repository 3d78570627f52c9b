
/*
 * Who may publish and play over RTMP: what is configured, and the state of one
 * session.
 */


#ifndef _NGX_RTMP_COMMERCE_MODULE_H_INCLUDED_
#define _NGX_RTMP_COMMERCE_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_rtmp.h>
#include <ngx_rtmp_cmd_module.h>

#include "ngx_commerce_decide.h"
#include "ngx_commerce_tenant.h"
#include "ngx_commerce_store.h"
#include "ngx_commerce_claim.h"
#include "ngx_commerce_watch.h"
#include "ngx_commerce_redis_publish.h"
#include "ngx_rtmp_commerce_args.h"
#include "ngx_rtmp_commerce_clock.h"


typedef struct {
    ngx_commerce_tenant_t       *named;       /* by commerce_tenant */
    ngx_commerce_tenant_t       *tenant;      /* NULL: nothing is asked for */
    ngx_uint_t                   proofs;      /* to publish; 0: that is off */
    ngx_flag_t                   play;
    ngx_flag_t                   dry_run;
    ngx_msec_t                   window;
    ngx_msec_t                   video;       /* to wait for it; 0: for ever */
    ngx_uint_t                   video_refuse;
    ngx_rtmp_commerce_cuts_t     cuts;
    ngx_array_t                 *cue_points;  /* names, of ngx_str_t */

    u_char                      *file;        /* of commerce_publish */
    ngx_uint_t                   line;
    u_char                      *play_file;   /* of commerce_play */
    ngx_uint_t                   play_line;
} ngx_rtmp_commerce_app_conf_t;


/* those whose arguments are a proof; NULL: none */
#define ngx_rtmp_commerce_signed_urls(cacf)                                   \
    ((((cacf)->proofs & NGX_COMMERCE_PROOF_URL) || (cacf)->play)              \
     ? (cacf)->tenant->signed_urls : NULL)


typedef enum {
    NGX_RTMP_COMMERCE_IDLE = 0,    /* nothing is published or played */
    NGX_RTMP_COMMERCE_LOOKUP,      /* key, room and host are looked up */
    NGX_RTMP_COMMERCE_CLAIM,       /* the room is claimed */
    NGX_RTMP_COMMERCE_PUBLISHING,
    NGX_RTMP_COMMERCE_PLAYING,
    NGX_RTMP_COMMERCE_CLOSING      /* told to go */
} ngx_rtmp_commerce_state_e;


#define NGX_RTMP_COMMERCE_CODEC_MAX    16
#define NGX_RTMP_COMMERCE_ENCODER_MAX  64

/* what a live one sends; texts are empty, or end with a NUL */

typedef struct {
    ngx_event_t                  event;       /* its time is over; then: */
                                              /* what is wrong is said again */
    u_char                       video[NGX_RTMP_COMMERCE_CODEC_MAX];
    u_char                       audio[NGX_RTMP_COMMERCE_CODEC_MAX];
    u_char                       encoder[NGX_RTMP_COMMERCE_ENCODER_MAX];

    unsigned                     watched:1;
    unsigned                     playable:1;  /* a picture came */
    unsigned                     wrong:1;     /* none came in time */
} ngx_rtmp_commerce_media_t;


/* the stretch that is under way of what a live one sends */

typedef struct {
    ngx_rtmp_commerce_clock_t      clock;
    ngx_commerce_redis_publish_t  *redis;     /* NULL: there was none */
    int64_t                        ended;     /* ms; the one before it */
    ngx_commerce_timer_t           timer;     /* the clock is measured */
    unsigned                       begun:1;
} ngx_rtmp_commerce_period_t;


#define NGX_RTMP_COMMERCE_CLAIMS  3    /* a proof of each kind */

/* who plays; in the session's pool, from its first play on */

typedef struct {
    ngx_rtmp_play_t              play;        /* what later hooks get */

    ngx_commerce_claims_t        claims[NGX_RTMP_COMMERCE_CLAIMS];
    ngx_uint_t                   nclaims;
    ngx_commerce_reason_e        no_claims;   /* why there are none */
    u_char                       subjects[NGX_RTMP_COMMERCE_CLAIMS]
                                         [NGX_COMMERCE_NAME_MAX];

    ngx_commerce_wait_t          out_wait;
    ngx_commerce_wait_t          follow_wait;
    ngx_commerce_watch_t         out_watch;   /* while it plays */

    uint64_t                     cut;         /* of the room, hashed, when he
                                                 came */
    unsigned                     moved:1;     /* the room, to another host */
    unsigned                     followed:1;  /* he did when he was asked for */
    unsigned                     closed:1;    /* so was the room, already */
} ngx_rtmp_commerce_player_t;


/* of a session, in its pool, from its first publish or play on */

typedef struct ngx_rtmp_commerce_ctx_s  ngx_rtmp_commerce_ctx_t;

struct ngx_rtmp_commerce_ctx_s {
    ngx_rtmp_session_t           *session;
    ngx_commerce_tenant_t        *tenant;
    ngx_rtmp_commerce_app_conf_t *conf;

    ngx_rtmp_commerce_state_e     state;
    ngx_commerce_action_e         action;     /* that it asked for last */
    ngx_commerce_reason_e         reason;     /* why it was cut */

    ngx_rtmp_publish_t            publish;    /* what later hooks get */
    ngx_rtmp_commerce_player_t   *player;     /* NULL: it never played */
    ngx_rtmp_commerce_args_t      presented;
    ngx_rtmp_commerce_args_t      brought;    /* by the connect: for any */

    ngx_str_t                     room;       /* empty until it is known */
    ngx_str_t                     host;
    u_char                        room_name[NGX_COMMERCE_NAME_MAX];
    u_char                        host_name[NGX_COMMERCE_NAME_MAX];
    ngx_commerce_grant_t          grant;

    ngx_commerce_wait_t           key_wait;
    ngx_commerce_wait_t           room_wait;
    ngx_commerce_wait_t           host_wait;

    ngx_commerce_claim_t         *claim;      /* NULL: none */
    int64_t                       show;       /* its; 0: not known */

    ngx_rtmp_commerce_media_t     media;
    ngx_rtmp_commerce_period_t    period;

    ngx_queue_t                   cues;       /* that it sent: under way */
    ngx_uint_t                    ncues;
    ngx_uint_t                    cue_wrongs; /* bits of what was logged */

    ngx_event_t                   event;      /* closing */
    ngx_msec_t                    deadline;

    ngx_msec_t                    started;    /* publishing */
    uint64_t                      bytes;      /* of audio and video since */

    ngx_commerce_watch_t          room_watch; /* while it goes on */
    ngx_commerce_watch_t          host_watch;
    void                        (*stop)(ngx_rtmp_commerce_ctx_t *ctx);
    void                        (*let_in)(ngx_rtmp_commerce_ctx_t *ctx);

    unsigned                      by_key:1;   /* the name was the key */
    unsigned                      refreshed:1;
    unsigned                      published:1;
    unsigned                      ending:1;
    unsigned                      would_end:1;   /* but for a dry run */
    unsigned                      shut:1;     /* nothing more is sent */
};


extern ngx_module_t  ngx_rtmp_commerce_module;


#endif /* _NGX_RTMP_COMMERCE_MODULE_H_INCLUDED_ */
