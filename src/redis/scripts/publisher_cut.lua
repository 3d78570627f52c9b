-- Takes a room away from whoever publishes it, and may end its show for good.
--
-- KEYS[1]  the room         KEYS[2]  its claim        KEYS[3]  its shows
-- ARGV[1]  channel of its changes
-- ARGV[2]  If-Match, ARGV[3]  If-None-Match: see parts/condition.lua; of the
--          claim, and the room's version
-- ARGV[4]  "kicked", or "show_ended": then the next publish begins a new show
--
-- "cut" of the room is the claim that was taken away, "cut_reason" is why, and
-- "over" is the last show that was ended so.
--
-- Returns "ok", the new version, and the room's host and show; or
-- "room_unknown", "room_not_live"; or "version_differs" and the version.

--include condition

local room, live, shows = unpack(KEYS)
local channel, why = ARGV[1], ARGV[4]

local fields = redis.call('HMGET', room, 'host', 'show', 'version', 'seen')
local show = math.floor(tonumber(fields[2]) or 0)
local version = fields[3] or '0'
local holder = redis.call('GET', live)
local times = redis.call('HMGET', shows, show .. ':started', show .. ':ended')

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

if not condition(holder, version, ARGV[2], ARGV[3]) then
    return {'version_differs', version}
end

if not holder and (why == 'kicked' or not times[1]) then
    return {'room_not_live'}
end

-- the version first: if it can't be raised, nothing has been written

version = redis.call('HINCRBY', room, 'version', 1)

local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))

if holder then
    redis.call('DEL', live)
    redis.call('HSET', room, 'cut', holder, 'cut_reason', why, 'seen', now)
end

if times[1] and not times[2] then
    redis.call('HSET', shows, show .. ':ended',
               holder and now or fields[4] or times[1])
end

if why == 'show_ended' then
    redis.call('HSET', room, 'over', show)
end

redis.call('PUBLISH', channel, version)

return {'ok', version, fields[1], fields[2]}
