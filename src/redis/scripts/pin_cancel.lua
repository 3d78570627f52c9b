-- Takes back a cue that is still to come.
--
-- KEYS[1]  the room         KEYS[2]  its cues
-- KEYS[3]  the cues of its show, as far as the caller knows
-- ARGV[1]  channel of its changes
-- ARGV[2]  If-Match, ARGV[3]  If-None-Match: see parts/condition.lua
-- ARGV[4]  the cue's ID
--
-- Returns "ok", the new version, and the room's host and the cue's show; or
-- "room_unknown", "cue_unknown", "cue_begun"; or "version_differs" and the
-- version; or "show" and the number of the one whose cues are to be KEYS[3].

--include condition
--include cues
--include kept

local room, key, kept = unpack(KEYS)
local channel, id = ARGV[1], ARGV[4]
local found

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

local cues = read_cues(key, 0)

for _, cue in ipairs(cues) do
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

if found.show ~= '0' and show_of_key(kept) ~= found.show then
    return {'show', found.show}
end

-- a key of a wrong type leaves all as it was

redis.call('ZCARD', kept)

version = redis.call('HINCRBY', room, 'version', 1)

redis.call('XDEL', key, id)
forget(kept, id, found.at)

-- of more than are seen, another one is seen now

if #cues < SEEN then
    still_kept(room, ids_of(cues), function(ids)
        for i, other in ipairs(ids) do
            if other == id then
                table.remove(ids, i)
                break
            end
        end
    end)
end

redis.call('PUBLISH', channel, version)

return {'ok', version, redis.call('HGET', room, 'host'), found.show}
