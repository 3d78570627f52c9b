package Commerce::Edge;

# An edge as the tests of its dealings with Redis need it: a room's shelf and
# the status.
#
#   use Commerce::Scenario;
#   use Commerce::Edge;
#
#   my $nginx = edge('unix:%%REDIS%% db=3', name => 'edge', workers => 1);
#                     the arguments of `redis`; options as of nginx()
#                     /large/... is DIR/large/...; a client may take its time
#   shelf('r1')       GET /rooms/r1, as http() answers
#   state()           the JSON of commerce_status, or state(PORT) of another
#                     node; state()->{redis}{connected}
#                     is of the worker that answered, the rest of the node
#   connected(), subscribed()
#                     wait up to five seconds for it: all workers have a
#                     connection, the node has its subscription
#   log_count(qr//, name)
#                     lines of the error log that match

use strict;
use warnings;

use Commerce::Scenario ();
use Exporter qw(import);
use JSON::PP qw(decode_json);

our @EXPORT = qw(edge edge_conf shelf state connected subscribed log_count);

sub edge_conf {
    my $redis = shift;

    return <<"CONF";
commerce {
    redis   $redis;
    ledger  %%LEDGER%% 1m;
}
events { }
http {
    access_log off;
    server {
        listen 127.0.0.1:%%HTTP%%;
        location ~ ^/rooms/(?<room>[^/]+)\$ {
            commerce_room \$room;
            commerce_shelf;
        }
        location = /status { commerce_status; }
        location /large { root %%DIR%%; send_timeout 10m; }
    }
}
CONF
}

sub edge {
    my ($redis, %options) = @_;

    return Commerce::Scenario::nginx(edge_conf($redis), modules => 'http',
                                     workers => 1, %options);
}

sub shelf { Commerce::Scenario::http('GET', "/rooms/$_[0]") }

sub state {
    my $port = shift;
    my $answer = Commerce::Scenario::http('GET', '/status', port => $port);

    return $answer->{status} == 200 ? decode_json($answer->{content})
                                    : { redis => {} };
}

sub connected {
    return Commerce::Scenario::wait_for(5, sub {
        !grep { !state()->{redis}{connected} } 1 .. 10
    });
}

sub subscribed {
    return Commerce::Scenario::wait_for(5, sub {
        state()->{redis}{subscribed}
    });
}

sub log_count {
    my ($pattern, $name) = @_;

    return scalar grep { /$pattern/ }
                  split /\n/, Commerce::Scenario::log_text($name);
}

1;
