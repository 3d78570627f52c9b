package Commerce::RTMP;

# A small RTMP client (Adobe's RTMP 1.0, AMF0) for what ffmpeg can't show or
# won't do: which status the server sent, publishing without waiting for it,
# leaving at any moment, names that no encoder would send.  And the other end:
# what a stream is pushed to or pulled from.
#
#   my $rtmp = Commerce::RTMP->new(port => $port);   # connected, on app live
#   $rtmp->publish('room?key=secret');
#   my $status = $rtmp->status(5);    # { code, level, description } or undef
#   $rtmp->play('room?viewer=TOKEN');
#   $rtmp->plays(5);                  # true once audio or video has come
#   $rtmp->data('onMetaData', { encoder => 'me' });
#   $rtmp->script($ms, 'onCuePoint', { name => 'me' });    # as it is
#   $rtmp->send_flv($file, $ms);      # audio and video of the first $ms
#   $rtmp->send_flv($file, $ms, from => $ms, pace => $ms);    # between messages
#   $rtmp->send_live($file, $ms, add => $ms, only => 8, at => { $ms => sub })
#                                     # in real time, with so much added to all
#                                     # timestamps; audio (8) or video (9) alone;
#                                     # what else is to be done; returns when
#                                     # timestamp 0 of the file was, s, by what
#                                     # was sent least late in the first 400 ms
#   $rtmp->closed(3);                 # true once the server has closed
#   Commerce::RTMP->new(unix => $path, app => ..., tcUrl => ..., ...)
#
#   my $origin = Commerce::RTMP->listener($port);
#   my $peer = Commerce::RTMP->accept($origin);   # handshake, connect and
#   $peer->{asked};                   # createStream answered; [publish => ...]
#                                     # or [play => ...], as nginx-rtmp sent it

use v5.32;
use warnings;

use Commerce::Env qw(patience);
use IO::Socket::INET;
use IO::Socket::UNIX;
use IO::Select;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Time::HiRes qw(time sleep);

use constant { CHUNK => 60000, AUDIO => 8, VIDEO => 9, DATA => 18,
               COMMAND => 20 };

sub new {
    my ($class, %opt) = @_;

    my $socket = $opt{unix}
        ? IO::Socket::UNIX->new(Peer => $opt{unix})
        : IO::Socket::INET->new(PeerAddr => '127.0.0.1',
              PeerPort => $opt{port}, Timeout => patience(5));

    # what is sent in parts does not wait for the first to be acknowledged

    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1 if $socket && !$opt{unix};

    my $self = $class->peer($socket // die("connect: $@"));
    my $app = $opt{app} // 'live';

    $self->handshake;
    $self->message(2, 1, 0, pack('N', CHUNK));
    $self->command('connect', \1, { app => $app, type => 'nonprivate',
        tcUrl => 'rtmp://127.0.0.1:' . ($opt{port} // 1935) . "/$app",
        map { defined $opt{$_} ? ($_ => $opt{$_}) : () }
            qw(tcUrl swfUrl pageUrl flashVer) });
    $self->wait_for('_result', 5) // die 'no answer to connect';
    $self->command('createStream', \2, undef);
    $self->wait_for('_result', 5) // die 'no answer to createStream';

    return $self;
}

sub peer {
    my ($class, $socket) = @_;

    binmode $socket;

    return bless { socket => $socket, in => '', chunk => 128, streams => {} },
                 $class;
}

sub listener {
    my ($class, $port) = @_;

    return IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port,
        Listen => 5, ReuseAddr => 1) // die "listen: $@";
}

# connect is answered by the transaction's number, or by what is said to do

sub accept {
    my ($class, $listener, %opt) = @_;

    IO::Select->new($listener)->can_read(patience($opt{timeout} // 10))
        or die 'nobody connects';

    my $self = $class->peer(scalar $listener->accept);

    $self->fill(1 + 1536, patience(5)) or die 'handshake failed';
    my $c1 = substr $self->{in}, 1, 1536;
    substr $self->{in}, 0, 1 + 1536, '';

    $self->{socket}->syswrite("\x03" . "\0" x 1536 . $c1);
    $self->fill(1536, patience(5)) or die 'handshake failed';
    substr $self->{in}, 0, 1536, '';

    $self->message(2, 1, 0, pack('N', CHUNK));
    $self->wait_for('connect', 5) // die 'no connect';
    $opt{connected}->($self) if $opt{connected};
    $self->command('_result', \1, undef, { level => 'status' });
    $self->wait_for('createStream', 5) // die 'no createStream';
    $self->command('_result', \2, undef, \1);

    $self->{asked} = $self->wait_for(qr/^(?:publish|play)$/, 5)
        // die 'nothing is asked for';

    return $self;
}

sub handshake {
    my ($self) = @_;

    my $c1 = pack('NN', 0, 0) . join('', map { chr int rand 256 } 1 .. 1528);

    $self->{socket}->syswrite("\x03" . $c1);
    $self->fill(1 + 1536 + 1536, patience(5)) or die 'handshake failed';

    my $s1 = substr $self->{in}, 1, 1536;
    substr $self->{in}, 0, 1 + 2 * 1536, '';

    $self->{socket}->syswrite($s1);
}

sub publish {
    my ($self, $name) = @_;
    $self->command('publish', \0, undef, $name, 'live');
}

sub play {
    my ($self, $name) = @_;
    $self->command('play', \0, undef, $name, \-2000);
}

# another stream in place of the one that is played

sub play2 {
    my ($self, $name) = @_;
    $self->command('play2', \0, undef,
                   { streamName => $name, start => \-2000 });
}

sub plays {
    my ($self, $timeout) = @_;
    my $until = time + patience($timeout);

    while (1) {
        while (my ($type) = $self->next_chunk) {
            return 1 if defined $type && ($type == AUDIO || $type == VIDEO);
        }

        return 0 if $self->{eof} || time >= $until;
        $self->fill(length($self->{in}) + 1, $until - time);
    }
}

# a data message, as encoders send their metadata

sub data {
    my ($self, $name, $object) = @_;
    $self->message(4, DATA, 0, join('', map { amf($_) } '@setDataFrame', $name,
                                    $object), 1);
}

sub script {
    my ($self, $ms, @values) = @_;
    $self->message(4, DATA, $ms, join('', map { amf($_) } @values), 1);
}

sub close_stream {
    my ($self) = @_;
    $self->command('closeStream', \0, undef);
}

# the next onStatus within so many seconds

sub status {
    my ($self, $timeout) = @_;

    my $command = $self->wait_for('onStatus', $timeout) // return undef;
    return $command->[3];
}

sub send_flv {
    my ($self, $file, $ms, %opt) = @_;

    for my $tag ($self->tags($file)) {
        last if $tag->{time} > $ms;
        next if $tag->{time} < ($opt{from} // 0);

        my $sent = $self->message(4, $tag->{type}, $tag->{time}, $tag->{data},
                                  1);
        return 0 unless $sent;
        $self->poll;
        sleep $opt{pace} / 1000 if $opt{pace};
    }

    return 1;
}

sub send_live {
    my ($self, $file, $ms, %opt) = @_;
    my @tags = $self->tags($file);
    my @also = sort { $a <=> $b } keys %{$opt{at} // {}};
    my $began = time;
    my $late;

    for my $tag (@tags) {
        last if $tag->{time} > $ms;
        next if $opt{only} && $tag->{type} != $opt{only};

        my $due = $began + $tag->{time} / 1000;
        my $wait = $due - time;

        sleep $wait if $wait > 0;
        $late = time - $due
            if $tag->{time} < 400 && (!defined $late || time - $due < $late);
        $opt{at}{shift @also}->() while @also && $also[0] <= $tag->{time};
        $self->message(4, $tag->{type}, $tag->{time} + ($opt{add} // 0),
                       $tag->{data}, 1);
        $self->poll;
    }

    return $began + ($late // 0);
}

sub tags {
    my ($self, $file) = @_;

    open my $in, '<:raw', $file or die "$file: $!";
    my $flv = do { local $/; <$in> };
    my $pos = 9 + 4;
    my @tags;

    while ($pos + 11 <= length $flv) {
        my ($type, $s1, $s2, $t1, $t2, $t3) =
            unpack 'CCnCnC', substr $flv, $pos, 8;
        my $size = $s1 << 16 | $s2;
        my $time = $t3 << 24 | $t1 << 16 | $t2;

        push @tags, { type => $type, time => $time,
                      data => substr $flv, $pos + 11, $size }
            if $type == AUDIO || $type == VIDEO;

        $pos += 11 + $size + 4;
    }

    return @tags;
}

# whatever the server closes within the time

sub closed {
    my ($self, $timeout) = @_;

    my $until = time + patience($timeout);

    while (!$self->{eof} && time < $until) {
        $self->fill(length($self->{in}) + 1, $until - time);
        $self->{in} = '' if length $self->{in} > 1_000_000;
    }

    return $self->{eof} ? 1 : 0;
}

sub leave {
    my ($self) = @_;
    close $self->{socket};
}


# messages out

sub message {
    my ($self, $csid, $type, $time, $body, $stream) = @_;

    $time %= 2 ** 32;

    my $extended = $time >= 0xffffff ? pack('N', $time) : '';
    my $first = pack('C', $csid)
        . ($extended ? "\xff\xff\xff" : substr(pack('N', $time), 1))
        . substr(pack('N', length $body), 1)
        . pack('C', $type) . pack('V', $stream // 0) . $extended;
    my $next = pack('C', 0xc0 | $csid) . $extended;
    my $chunk = $type == 1 ? 128 : CHUNK;

    my $out = $first . substr $body, 0, $chunk, '';
    $out .= $next . substr $body, 0, $chunk, '' while length $body;

    local $SIG{PIPE} = 'IGNORE';

    while (length $out) {
        my $n = $self->{socket}->syswrite($out) // return 0;
        substr $out, 0, $n, '';
    }

    return 1;
}

sub command {
    my ($self, @values) = @_;

    $self->message(3, COMMAND, 0, join('', map { amf($_) } @values),
                   $values[0] =~ /^(?:publish|play2?)$/ ? 1 : 0);
}

sub amf {
    my ($value) = @_;

    return "\x05" if !defined $value;
    return "\0" . pack 'd>', $$value if ref $value eq 'SCALAR';
    return "\x03" . join('', map { pack('n/a', $_) . amf($value->{$_}) }
                             sort keys %$value) . "\0\0\x09" if ref $value;
    return "\x02" . pack 'n/a', $value;
}


# messages in

sub wait_for {
    my ($self, $name, $timeout) = @_;

    my $until = time + patience($timeout);

    while (1) {
        my $body = $self->next_message;

        if (defined $body) {
            my $command = parse($body);
            return $command
                if ref $name ? ($command->[0] // '') =~ $name
                             : ($command->[0] // '') eq $name;
            next;
        }

        return undef if $self->{eof} || time >= $until;
        $self->fill(length($self->{in}) + 1, $until - time);
    }
}

# takes what has come so that the server is never held up

sub poll {
    my ($self) = @_;
    $self->fill(length($self->{in}) + 1, 0);
}

sub fill {
    my ($self, $want, $timeout) = @_;

    my $until = time + $timeout;

    while (length $self->{in} < $want && !$self->{eof}) {
        my $left = $until - time;
        $left = 0 if $left < 0;
        return 0 unless IO::Select->new($self->{socket})->can_read($left);

        my $n = $self->{socket}->sysread($self->{in}, 65536,
                                         length $self->{in});
        $self->{reset} = 1 unless defined $n;
        $self->{eof} = 1 unless $n;
    }

    return length $self->{in} >= $want;
}

# the body of the next command that is there in full, or undef

sub next_message {
    my ($self) = @_;

    while (my ($type, $body) = $self->next_chunk) {
        return $body if defined $type && $type == COMMAND;
    }

    return undef;
}

sub next_chunk {
    my ($self) = @_;

    my $in = \$self->{in};
    return unless length $$in;

    my $basic = ord $$in;
    my ($fmt, $csid, $pos) = ($basic >> 6, $basic & 63, 1);
    my $size = (11, 7, 3, 0)[$fmt];
    return if length $$in < $pos + $size;

    my $s = $self->{streams}{$csid} //= { body => '' };

    if ($fmt < 3) {
        my $header = substr $$in, $pos, $size;
        my $time = unpack 'N', "\0" . substr $header, 0, 3;
        ($s->{length}, $s->{type}) =
            (unpack('N', "\0" . substr $header, 3, 3), ord substr $header, 6)
            if $fmt < 2;
        $pos += $size + ($time == 0xffffff ? 4 : 0);
    }

    return (undef, undef) unless defined $s->{length};

    my $part = $s->{length} - length $s->{body};
    $part = $self->{chunk} if $part > $self->{chunk};
    return if length $$in < $pos + $part;

    $s->{body} .= substr $$in, $pos, $part;
    substr $$in, 0, $pos + $part, '';
    return (undef, undef) if length $s->{body} < $s->{length};

    my $body = $s->{body};
    $s->{body} = '';
    $self->{chunk} = unpack 'N', $body if $s->{type} == 1;
    return ($s->{type}, $body);
}

sub parse {
    my ($body) = @_;

    my @values;
    push @values, value(\$body) while length $body;
    return \@values;
}

sub value {
    my ($in) = @_;

    my $type = ord substr $$in, 0, 1, '';

    return unpack 'd>', substr $$in, 0, 8, '' if $type == 0;
    return ord substr $$in, 0, 1, '' if $type == 1;
    return string($in) if $type == 2;
    return undef if $type == 5 || $type == 6;

    if ($type == 3 || $type == 8) {
        my %object;
        substr $$in, 0, 4, '' if $type == 8;

        while (length $$in && (my $key = string($in)) ne '') {
            $object{$key} = value($in);
        }

        substr $$in, 0, 1, '';
        return \%object;
    }

    $$in = '';
    return undef;
}

sub string {
    my ($in) = @_;
    return substr $$in, 0, unpack('n', substr $$in, 0, 2, ''), '';
}

1;
