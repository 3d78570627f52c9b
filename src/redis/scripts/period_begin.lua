-- Adds a period to a room: what a publish brings in one clock and without a
-- gap.
--
-- KEYS[1]  the room
-- KEYS[2]  its periods
-- ARGV[1]  the claim of the publish
-- ARGV[2]  when its first frame arrived, ms
-- ARGV[3]  the date of that frame by the stream's own clock, ms
-- ARGV[4]  the date at which that clock stood at 0, ms
-- ARGV[5]  ms that a frame lasts, 0: not known
-- ARGV[6]  the date at which the claim's period before this one ended, ms; "":
--          it had none
-- ARGV[7]  channel of the room's changes
--
-- Its number is how many the room had before.  Its shift is what is taken from
-- its dates, so that they go on where those of the period before it ended.
-- When that was is not known of a publisher who died: he was last seen then,
-- if that was not this one.
--
-- Returns 1: it is there now; 0: a later one is there, or there is no such room.

local MOST = 10000

-- ms that a period may begin before the one before it ended, and after: beyond
-- that dates begin anew

local OVERLAP, GAP = 60000, 600000

local room, key = KEYS[1], KEYS[2]
local claim, at, began = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])

local function text(number)
    return string.format('%.0f', number)
end

local last = redis.call('ZREVRANGE', key, 0, 0)[1]
local fields = redis.call('HMGET', room, 'period_claim', 'period_ended',
                          'seen')
local own = fields[1] == claim
local number, shift = 0, 0

if redis.call('EXISTS', room) == 0 then
    return 0
end

if last then
    local was = {}

    for word in string.gmatch(last, '%S+') do
        was[#was + 1] = tonumber(word) or 0
    end

    local former_at, former_began = was[2] or 0, was[3] or 0

    if own and former_at == at and former_began == began then
        return 1
    end

    if former_at > at then
        return 0
    end

    local ended = own and tonumber(ARGV[6]) or tonumber(fields[2])
                  or math.min(tonumber(fields[3]) or 0, began)
    local gap = began - math.max(ended, former_began)

    number = (was[1] or 0) + 1

    if gap >= -OVERLAP and gap <= GAP then
        shift = (was[5] or 0) + gap
    end
end

-- the version first: if it can't be raised, nothing has been written

local version = redis.call('HINCRBY', room, 'version', 1)

redis.call('ZADD', key, at,
           table.concat({text(number), text(at), text(began), ARGV[4],
                         text(shift), ARGV[5]}, ' '))

if redis.call('ZCARD', key) > MOST then
    redis.call('ZREM', key, redis.call('ZRANGE', key, 0, 0)[1])
end

redis.call('HSET', room, 'period_claim', claim)
redis.call('HDEL', room, 'period_ended')
redis.call('PUBLISH', ARGV[7], version)

return 1
