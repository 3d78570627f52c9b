-- Who is put out of a room: a hash of b:VIEWER and s:VIEWER, and beside it a
-- sorted set of these fields by the time from which on each matters no more, so
-- that a write need not look at all of them.  A ban matters until it ends, and
-- a sign-out as long as there may be proofs that old, which is "lasts" ms.
-- Whoever writes the hash directly leaves the set to the next of these scripts,
-- which makes it anew when the two differ in their lengths.
--
-- A stream has the last changes, one a version, whose number is the entry's ID:
-- so a node that has all but these need not be sent all.  "born" of the hash
-- tells it from another one that has the same versions.

local MOST, DROPS, CHANGES = 10000, 100, 200

local function text(number)
    return string.format('%.0f', number)
end

local function ms()
    local time = redis.call('TIME')

    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function matters_until(field, value, lasts)
    if string.sub(field, 1, 2) == 's:' then
        return text((tonumber(value) or 0) + lasts)
    end

    if string.sub(field, 1, 2) == 'b:' and (tonumber(value) or 0) > 0 then
        return value
    end

    return '+inf'
end

local function index(out, ends, lasts)
    local all = redis.call('HGETALL', out)

    redis.call('DEL', ends)

    for i = 1, #all, 2 do
        if all[i] ~= 'version' and all[i] ~= 'born' then
            redis.call('ZADD', ends, matters_until(all[i], all[i + 1], lasts),
                       all[i])
        end
    end
end

-- drops what matters no more, and returns how many there are

local function tidy(out, ends, now, lasts)
    local own = redis.call('HMGET', out, 'version', 'born')
    local others = (own[1] and 1 or 0) + (own[2] and 1 or 0)

    if redis.call('HLEN', out) - others ~= redis.call('ZCARD', ends) then
        index(out, ends, lasts)
    end

    local first = redis.call('ZRANGE', ends, 0, DROPS - 1, 'WITHSCORES')

    for i = 1, #first, 2 do
        if tonumber(first[i + 1]) > now then
            break
        end

        redis.call('HDEL', out, first[i])
        redis.call('ZREM', ends, first[i])
    end

    return redis.call('ZCARD', ends)
end

-- Raises the version; of a field that will have this value, "" if it goes.

local function change(out, changes, now, field, value)
    local version = redis.call('HINCRBY', out, 'version', 1)

    if not redis.call('HGET', out, 'born') then
        redis.call('HSET', out, 'born', text(now))
        redis.call('DEL', changes)
    end

    local last = redis.call('XREVRANGE', changes, '+', '-', 'COUNT', 1)[1]

    if last and tonumber(string.match(last[1], '^%d+')) >= version then
        redis.call('DEL', changes)
    end

    redis.call('XADD', changes, 'MAXLEN', CHANGES, version .. '-1',
               'field', field, 'value', value)

    return version
end

-- The keys go when nothing in them matters, but no earlier than somebody may
-- have forgotten which versions there were.

local function expire(out, ends, changes, now, lasts)
    local last = redis.call('ZREVRANGE', ends, 0, 0, 'WITHSCORES')
    local rest = math.max((tonumber(last[2]) or 0) - now, lasts)

    for _, key in ipairs({out, ends, changes}) do
        if rest == math.huge then
            redis.call('PERSIST', key)
        else
            redis.call('PEXPIRE', key, text(rest))
        end
    end
end
