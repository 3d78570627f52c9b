-- Ends a claim: the show ends now, unless another goes on with it.
--
-- KEYS[1]  the room
-- KEYS[2]  its live claim
-- KEYS[3]  its shows
-- ARGV[1]  the claim
-- ARGV[2]  channel of the room's changes
--
-- Returns 1: ended; 0: there was nothing to end, another has the room, or there
-- is no such room.

local room, live, shows = KEYS[1], KEYS[2], KEYS[3]

local holder = redis.call('GET', live)
local show = math.floor(tonumber(redis.call('HGET', room, 'show')) or 0)
local times = redis.call('HMGET', shows, show .. ':started', show .. ':ended')

if redis.call('EXISTS', room) == 0 or holder and holder ~= ARGV[1] then
    return 0
end

-- the claim had run out, and another came and went since; or it was never made

if not holder and (times[2] or not times[1]) then
    return 0
end

local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

local version = redis.call('HINCRBY', room, 'version', 1)

redis.call('DEL', live)
redis.call('HSET', shows, show .. ':ended', now)
redis.call('HSET', room, 'seen', now)
redis.call('PUBLISH', ARGV[2], version)

return 1
