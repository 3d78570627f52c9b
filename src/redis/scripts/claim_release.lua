-- Ends a claim: the show ends now, unless another goes on with it.  If it is
-- not known that the claim was ever made, and nobody has the room, the show
-- that did not end is likely another's, who died: it ended when he was seen.
--
-- KEYS[1]  the room
-- KEYS[2]  its claim
-- KEYS[3]  its shows
-- ARGV[1]  the claim
-- ARGV[2]  1: it was made; 0: no answer said so
-- ARGV[3]  channel of the room's changes
--
-- Returns 1: ended; 0: there was nothing to end, another has the room, or there
-- is no such room.

local room, live, shows = KEYS[1], KEYS[2], KEYS[3]

local holder = redis.call('GET', live)
local fields = redis.call('HMGET', room, 'show', 'seen')
local show = math.floor(tonumber(fields[1]) or 0)
local times = redis.call('HMGET', shows, show .. ':started', show .. ':ended')

if redis.call('EXISTS', room) == 0 or holder and holder ~= ARGV[1] then
    return 0
end

-- the claim had run out, and another came and went since; or it was never made

if not holder and (times[2] or not times[1]) then
    return 0
end

local time = redis.call('TIME')
local ended = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

if not holder and ARGV[2] == '0' then
    ended = fields[2] or times[1]
end

local version = redis.call('HINCRBY', room, 'version', 1)

redis.call('DEL', live)
redis.call('HSET', shows, show .. ':ended', ended)
redis.call('HSET', room, 'seen', ended)
redis.call('PUBLISH', ARGV[3], version)

return 1
