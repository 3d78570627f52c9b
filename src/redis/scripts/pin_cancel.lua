-- Takes back a cue that is still to come.
--
-- KEYS[1]  the room         KEYS[2]  its cues
-- ARGV[1]  channel of its changes
-- ARGV[2]  If-Match, ARGV[3]  If-None-Match: see parts/condition.lua
-- ARGV[4]  the cue's ID
--
-- Returns "ok", the new version, and the room's host and the cue's show; or
-- "room_unknown", "cue_unknown", "cue_begun"; or "version_differs" and the
-- version.

--include condition
--include cues

local room, key, channel, id = KEYS[1], KEYS[2], ARGV[1], ARGV[4]
local found

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

for _, cue in ipairs(read_cues(key, 0)) do
    if cue.id == id then
        found = cue
    end
end

if not found then
    return {'cue_unknown'}
end

local version = redis.call('HGET', room, 'version') or '0'

if not condition(true, version, ARGV[2], ARGV[3]) then
    return {'version_differs', version}
end

if found.at <= ms() + SKEW then
    return {'cue_begun'}
end

version = redis.call('HINCRBY', room, 'version', 1)

redis.call('XDEL', key, id)
redis.call('PUBLISH', channel, version)

return {'ok', version, redis.call('HGET', room, 'host'), found.show}
