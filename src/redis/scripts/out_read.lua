-- Reads who is put out of a room, some at a time, or one viewer.
--
-- KEYS[1]  the room
-- KEYS[2]  who is out of it
-- ARGV[1]  where to go on, "0" at the beginning
-- ARGV[2]  about how many fields to return
-- ARGV[3]  the viewer; "": those from there on
--
-- Returns "ok", the version, where to go on, "0" at the end, and fields and
-- their values; or "room_unknown".

local room, out, viewer = KEYS[1], KEYS[2], ARGV[3]

if redis.call('EXISTS', room) == 0 then
    return {'room_unknown'}
end

local version = redis.call('HGET', out, 'version') or '0'

if viewer == '' then
    local page = redis.call('HSCAN', out, ARGV[1], 'COUNT', ARGV[2])

    return {'ok', version, page[1], page[2]}
end

local found = {}

for _, field in ipairs({'b:' .. viewer, 's:' .. viewer}) do
    local value = redis.call('HGET', out, field)

    if value then
        found[#found + 1] = field
        found[#found + 1] = value
    end
end

return {'ok', version, '0', found}
