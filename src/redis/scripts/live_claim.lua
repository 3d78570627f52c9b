-- Makes a claim the room's, and begins a show or continues the last one.
--
-- KEYS[1]  the room
-- KEYS[2]  its live claim
-- KEYS[3]  its shows
-- KEYS[4]  its cues
-- ARGV[1]  the claim
-- ARGV[2]  ms that the claim lasts
-- ARGV[3]  ms since a show was last seen within which it is continued
-- ARGV[4]  channel of the room's changes
-- ARGV[5]  "1": whoever else has the room is replaced; else it is left to him
--
-- Returns the new version and the show; or -1: another has the room; -2:
-- there is no such room. All is read before anything is written, so that a
-- key of a wrong type leaves the room as it was.

local room, live, shows, cues = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local claim, window = ARGV[1], tonumber(ARGV[3])

local function text(number)
    return string.format('%.0f', number)
end

local fields = redis.call('HMGET', room, 'show', 'seen')
local show = math.floor(tonumber(fields[1]) or 0)
local seen = tonumber(fields[2]) or 0
local holder = redis.call('GET', live)
local times = redis.call('HMGET', shows, show .. ':started', show .. ':ended')
local entry = redis.call('XREVRANGE', cues, '+', '-', 'COUNT', 1)[1]

if redis.call('EXISTS', room) == 0 then
    return -2
end

if holder and holder ~= claim and ARGV[5] ~= '1' then
    return -1
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local running = holder or now - seen <= window
local last = {}

if entry then
    for i = 1, #entry[2], 2 do
        last[entry[2][i]] = entry[2][i + 1]
    end
end

-- the version first: if it can't be raised, nothing has been written

local version = redis.call('HINCRBY', room, 'version', 1)

if show > 0 and running then
    redis.call('HDEL', shows, show .. ':ended')

else

    -- whoever held the last show may have died without ending it

    if times[1] and not times[2] then
        redis.call('HSET', shows, show .. ':ended', text(seen))
    end

    show = show + 1
    redis.call('HSET', shows, show .. ':started', text(now))

    -- what the last show had in its spotlight is no longer there

    local at = tonumber(last.at) or 0

    if (last.product or '') ~= '' and at <= now then
        redis.call('XADD', cues, 'MAXLEN', '~', 10000, '*',
                   'at', text(math.max(now, at + 1)), 'show', show)
    end
end

redis.call('HSET', room, 'show', show, 'seen', text(now))
redis.call('SET', live, claim, 'PX', ARGV[2])
redis.call('PUBLISH', ARGV[4], version)

return {version, show}
